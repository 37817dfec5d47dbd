import { createServer } from "node:net";

/** The first port from `from` on that nobody listens on at 127.0.0.1; `from` itself where none of the next twenty is free. */
export const findFreePort = async (from: number): Promise<number> => {
  for (let port = from; port < from + 20; port += 1) if (await isFree(port)) return port;
  return from;
};

const isFree = (port: number): Promise<boolean> => new Promise((resolve) => {
  const server = createServer().once("error", () => resolve(false)).listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
});
