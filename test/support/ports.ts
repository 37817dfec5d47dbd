import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";

/** A stranger that listens on a port and says nothing, or hangs up. */
export const occupy = async (port = 0, host = "127.0.0.1", hangsUp = false): Promise<Server> => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (hangsUp) socket.destroy();
    else socket.resume();
  });
  server.listen(port, host);
  await once(server, "listening");
  return server;
};

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

export const release = async (server: Server): Promise<void> => {
  if (!server.listening) return;
  server.close();
  await once(server, "close");
};

/** Ports that nobody has now, in a row. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  for (;;) {
    const first = await occupy();
    const start = portOf(first);
    const others = await Promise.allSettled(Array.from({ length: count - 1 }, (_, index) => occupy(start + 1 + index)));
    const held = others.flatMap((other) => (other.status === "fulfilled" ? [other.value] : []));
    await Promise.all([first, ...held].map(release));
    if (held.length === count - 1 && start + count < 65_536) return Array.from({ length: count }, (_, index) => start + index);
  }
};

export const freePort = async (): Promise<number> => (await freePorts(1))[0] ?? 0;
