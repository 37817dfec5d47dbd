// A process of its own: Node reads NODE_EXTRA_CA_CERTS once, at its start. Asks the upstream at its first argument, prints the answer or the error.
import { collect, peekFirst } from "../../../src/chat/call.ts";
import { createConnections } from "../../../src/models/openai-upstream/connections.ts";
import { createUpstreamHost } from "../../../src/models/openai-upstream/host.ts";
import { systemClock } from "../../../src/services.ts";
import { requestOf } from "../../support/played-call.ts";

const [, , baseUrl = ""] = process.argv;
const connections = createConnections();
const host = createUpstreamHost([{ name: "test", baseUrl, apiKey: "none", headers: {} }], connections, systemClock);
const resolution = await host.resolve({ kind: "upstream", upstream: "test", model: "m" }, { requestedName: "m" });
if (!("model" in resolution)) throw new Error(resolution.unavailable);
const { chat } = resolution.model;
const said = await peekFirst(chat(requestOf(), { signal: new AbortController().signal })).then(collect).then(({ text }) => text, (error: Error) => error.message);
process.stdout.write(said);
await connections.close();
