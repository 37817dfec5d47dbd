import type { IncomingMessage, ServerResponse } from "node:http";
import { H3Event } from "h3";

/**
 * A request of Node's server as h3's router knows one. Handlers read from Node's request and answer through Node's response,
 * so the router needs a method and a URL and no more: to let h3 make a web Request, and end the response once again, would
 * cost as much as everything else that is done for a small request.
 */
export const nodeEvent = (req: IncomingMessage, res: ServerResponse): H3Event => {
  const request = { method: req.method ?? "GET", url: targetOf(req), runtime: { name: "node", node: { req, res } } };
  return new H3Event(request as unknown as ConstructorParameters<typeof H3Event>[0]);
};

/** A path as nearly all clients send it, else a whole URL, with `..` resolved; what is neither, as `*`, nobody serves. */
const targetOf = ({ url = "/" }: IncomingMessage): string =>
  url.startsWith("/") && !url.includes("/.") ? url : (URL.parse(url, "http://localhost")?.href ?? "/*");
