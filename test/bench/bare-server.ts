// What the proxy is compared with: Node's own server before the same echo models, with nothing between. It reads the body,
// asks the model and writes what comes, part by part, as one would write it in an afternoon.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Batches } from "../../src/chat/call.ts";
import type { ChatRequest } from "../../src/chat/request.ts";
import { createEchoHost } from "../../src/models/echo.ts";
import type { Model } from "../../src/models/host.ts";
import { systemClock } from "../../src/services.ts";
import { cases } from "./cases.ts";

interface Body {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly role: "system" | "user"; readonly content: string }[];
}

const host = createEchoHost(systemClock);
const models = new Map<string, Model>();
for (const { model, echo } of cases) {
  const resolution = await host.resolve({ kind: "echo", echo }, { requestedName: model });
  if ("model" in resolution) models.set(model, resolution.model);
}
const { signal } = new AbortController();
let answers = 0;

const chatRequest = ({ model, messages }: Body): ChatRequest => ({
  model,
  messages: messages.map(({ role, content }) => ({ role, content: [{ type: "text", text: content }] })),
  tools: [],
  toolChoice: "auto",
  sampling: {},
  ignoredOptions: [],
});

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const body = JSON.parse(await read(request)) as Body;
  const model = models.get(body.model);
  if (model === undefined) return void response.writeHead(404).end();
  const facts = { id: `chatcmpl-${(answers += 1)}`, created: Math.floor(Date.now() / 1000), model: body.model };
  const batches = model.chat(chatRequest(body), { signal });
  await (body.stream === true ? stream(batches, facts, response) : send(batches, facts, response));
};

const read = (request: IncomingMessage): Promise<string> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks).toString()));
  });

const send = async (batches: Batches, facts: object, response: ServerResponse): Promise<void> => {
  let content = "";
  let usage = {};
  for await (const batch of batches) {
    for (const part of batch) {
      if (part.type === "text-delta") content += part.text;
      if (part.type === "finish") usage = { prompt_tokens: part.usage?.inputTokens, completion_tokens: part.usage?.outputTokens };
    }
  }
  const choice = { index: 0, message: { role: "assistant", content }, logprobs: null, finish_reason: "stop" };
  const json = JSON.stringify({ ...facts, object: "chat.completion", choices: [choice], usage });
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(json) });
  response.end(json);
};

const stream = async (batches: Batches, facts: object, response: ServerResponse): Promise<void> => {
  const write = (delta: object, finishReason: string | null): void => {
    const choice = { index: 0, delta, logprobs: null, finish_reason: finishReason };
    response.write(`data: ${JSON.stringify({ ...facts, object: "chat.completion.chunk", choices: [choice] })}\n\n`);
  };
  response.writeHead(200, { "content-type": "text/event-stream" });
  write({ role: "assistant", content: "" }, null);
  for await (const batch of batches) {
    for (const part of batch) {
      if (part.type === "text-delta") write({ content: part.text }, null);
      if (part.type === "finish") write({}, "stop");
    }
  }
  response.end("data: [DONE]\n\n");
};

const server = createServer((request, response) => void answer(request, response));
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ event: "listening", url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`);
});
