import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { DescribedPart, ModelCall } from "../support/models.ts";
import type { Step } from "../support/script.ts";

/** A request as a server of models gets it. */
export interface WireRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: WireContent; readonly tool_call_id?: string; readonly tool_calls?: readonly WireCall[] }[];
  readonly tools?: readonly { readonly function: { readonly name: string; readonly description: string; readonly parameters?: object } }[];
  readonly tool_choice?: unknown;
  readonly [option: string]: unknown;
}

type WireContent = string | null | readonly ({ readonly type: "text"; readonly text: string } | { readonly type: "image_url"; readonly image_url: { readonly url: string } })[];
interface WireCall { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }

/** A script in the words of a server, or anything else that a server may do. */
export type ServerScript = readonly Step[] | ((response: ServerResponse) => void | Promise<void>);

/** An OpenAI-compatible server on loopback that does as it is told. */
export interface ModelServer {
  readonly port: number;
  readonly requests: readonly WireRequest[];
  /** Settles when a client has broken off its request. */
  readonly left: Promise<void>;
  /** From now on; one script for each request, the last one from then on. */
  direct(scripts: readonly ServerScript[]): void;
  close(): void;
}

export const openModelServer = async (): Promise<ModelServer> => {
  let scripts: readonly ServerScript[] = [];
  let requests: WireRequest[] = [];
  let left = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece)).on("end", () => {
      const script = scripts[Math.min(requests.length, scripts.length - 1)] ?? [];
      requests.push(JSON.parse(Buffer.concat(pieces).toString()) as WireRequest);
      response.once("close", () => {
        if (!response.writableEnded) left.resolve();
      });
      void (typeof script === "function" ? script(response) : play(script, response));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  // Who shares it among cases does not know which is the last.
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    get requests() {
      return requests;
    },
    get left() {
      return left.promise;
    },
    direct(next) {
      scripts = next;
      requests = [];
      left = Promise.withResolvers<void>();
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
};

/** Begins a stream; gives the means to say one chunk of it. */
export const beginStream = (response: ServerResponse): ((chunk: object) => void) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  return (chunk) => void response.write(`data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "mock", ...chunk })}\n\n`);
};

export const choiceOf = (delta: object, finishReason: string | null = null): object => ({ choices: [{ index: 0, delta, finish_reason: finishReason }] });

/** Streams what a script says, as a server would: a reason at the end, then its usage. */
const play = async (script: readonly Step[], response: ServerResponse): Promise<void> => {
  const say = beginStream(response);
  let usage: unknown;
  let calls = 0;
  for (const step of script) {
    switch (step.do) {
      case "text": for (let count = 0; count < step.times; count += 1) say(choiceOf({ content: step.text })); break;
      case "thinking": say(choiceOf({ reasoning_content: step.text })); break;
      case "tool-call": say(choiceOf({ tool_calls: [{ index: calls++, id: step.id, type: "function", function: { name: step.name, arguments: JSON.stringify(step.input) } }] })); break;
      case "data": usage = step.json; break;
      case "wait": await sleep(step.ms); break;
      case "pause": return;
      case "fail": throw new Error("A server has no such failure.");
    }
  }
  say(choiceOf({}, calls > 0 ? "tool_calls" : "stop"));
  if (usage !== undefined) say({ choices: [], usage });
  response.end("data: [DONE]\n\n");
};

/** A request in the words in which providers of models are asked. Copilot puts instructions of its own in front, and results are messages each. */
export const describeRequest = ({ messages, tools = [], tool_choice: choice, temperature, frequency_penalty, presence_penalty }: WireRequest): Partial<ModelCall> => {
  const described: { role: "user" | "assistant"; content: DescribedPart[] }[] = [];
  for (const { role, content, tool_call_id: id, tool_calls: calls = [] } of messages) {
    if (role === "system") continue;
    const parts = describeContent(content);
    if (role !== "tool") {
      described.push({ role: role as "user", content: [...parts, ...calls.map(describeCall)] });
      continue;
    }
    const result: DescribedPart = { toolResult: { id: id ?? "", content: parts } };
    const last = described.at(-1);
    if (last?.content[0] !== undefined && "toolResult" in last.content[0]) last.content.push(result);
    else described.push({ role: "user", content: [result] });
  }
  return {
    messages: described,
    tools: tools.map(({ function: { name, description, parameters } }) => ({ name, description, inputSchema: parameters })),
    toolMode: choice === undefined ? "auto" : "required",
    modelOptions: { temperature, frequency_penalty, presence_penalty },
  };
};

const describeContent = (content: WireContent): DescribedPart[] => {
  if (typeof content === "string") return content === "" ? [] : [{ text: content }];
  return (content ?? []).map((part) => {
    if (part.type === "text") return { text: part.text };
    const [, mimeType = "", base64 = ""] = /^data:(.*?);base64,(.*)$/.exec(part.image_url.url) ?? [];
    return { data: { mimeType, base64 } };
  });
};

const describeCall = ({ id, function: { name, arguments: input } }: WireCall): DescribedPart => ({ toolCall: { id, name, input: JSON.parse(input) as unknown } });
