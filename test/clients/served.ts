import { createHash } from "node:crypto";
import { aliasOf, echo, listenerOf, routeOf } from "../support/config.ts";
import { actorNames, createActorHost } from "./actors.ts";
import { withServer, type TestServer } from "../support/test-server.ts";

/** The key of the route at `/locked`. */
export const key = "sk-of-the-tests";

/** What every client library is tried against; each alias is named for what it does. */
export const withServed = (work: (server: TestServer) => Promise<void>): Promise<void> =>
  withServer({
    hosts: { selector: createActorHost() },
    config: {
      listeners: [listenerOf({ maxBodyBytes: 1024 * 1024 })],
      keys: [{ name: "ci", sha256: createHash("sha256").update(key).digest("hex") }],
      routes: [routeOf(), routeOf({ name: "locked", path: "/locked", auth: { accepts: ["ci"] } })],
      models: [
        echo("echo"),
        echo("team/echo"),
        echo("long", { parts: 500 }),
        echo("endless", { parts: 1_000_000_000, delayMs: 1 }),
        echo("fails-400", { fail: { status: 400, after: 0 } }),
        echo("fails-429", { fail: { status: 429, after: 0 } }),
        echo("fails-503", { fail: { status: 503, after: 0 } }),
        echo("fails-later", { parts: 10, fail: { status: 503, after: 3 } }),
        // Only an editor has its models, and there is none here.
        aliasOf("nobody", { kind: "selector", vendor: "copilot" }),
        ...actorNames.map((name) => aliasOf(name, { kind: "selector", vendor: "actor", id: name })),
      ],
    },
  }, work);

/** A tool, as OpenAI's clients are told of it. */
export const weather = {
  type: "function" as const,
  function: {
    name: "weather",
    description: "The weather of a city",
    parameters: { type: "object", properties: { city: { type: "string", minLength: 2 } }, required: ["city"] },
  },
};

/** How many requests the server has answered. */
export const countRequests = ({ services }: TestServer): number => services.lines.filter(({ event }) => event === "request").length;
