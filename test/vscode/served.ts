import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";
import type { Editor } from "./support/editor.ts";
import { until } from "./support/until.ts";

/** The packaged extension, as a person installs it. */
export const vsix = fileURLToPath(new URL("../../dist/llm-proxy.vsix", import.meta.url));

export const fileName = ".llmproxy.yaml";
export const statusItem = "llm-proxy.vscode-llm-proxy.status";
export const logChannel = { extension: "llm-proxy.vscode-llm-proxy", channel: "LLM Proxy" };

/**
 * Waits for the question about a file that would do so, answers it, and gives its text. The button is not clicked at its
 * place: on a slow machine it is still on its way there when the message goes away again.
 */
export const answerConsent = async ({ run, workbench }: Pick<Editor, "run" | "workbench">, about: string, button: "Allow" | "Not Now"): Promise<string> => {
  const shown = workbench.notification(new RegExp(`LLM Proxy asks before it serves.*${about}`));
  // The editor may put a question behind its bell at once, where it stays unseen; starting asks it anew.
  const isShown = await shown.waitFor({ timeout: 8_000 }).then(() => true, () => false);
  if (!isShown) await run(async ({ vscode }) => void (await vscode.commands.executeCommand("llmProxy.start")));
  await shown.waitFor();
  const text = await shown.innerText();
  await shown.locator(".monaco-button", { hasText: button }).dispatchEvent("click");
  return text;
};

/** What the editor shows as wrong with the folder's file: line and message. */
export const problemsOf = ({ run, folder }: Pick<Editor, "run" | "folder">): Promise<readonly (readonly [number, string])[]> =>
  run(({ vscode }, path) => vscode.languages.getDiagnostics(vscode.Uri.file(path))
    .map(({ range, message }) => [range.start.line + 1, message] as const), `${folder.path}/${fileName}`);

/** A port of the loopback that nobody listens on now. */
export const findFreePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

/** A configuration that serves one alias, `gpt-4`, on one port. */
export const configOf = (port: number, model = "copilot/gpt-4o"): string =>
  `version: 1\nlisteners: { local: { ports: ${port} } }\nmodels:\n  gpt-4: ${model}\n`;

export const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", end(true));
    socket.once("error", end(false));
  });

export interface Health {
  readonly state: string;
  readonly generation: string;
}

const readHealth = async (port: number): Promise<Health | undefined> => {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`);
    return (await response.json()) as Health;
  } catch {
    return undefined;
  }
};

/** Waits until a port serves, and another generation than `than`. */
export const untilServing = async (port: number, than?: string): Promise<Health> => {
  const health = await until(
    `Port ${port} did not serve${than === undefined ? "" : ` another generation than ${than}`}`,
    () => readHealth(port),
    (value) => value?.state === "running" && value.generation !== than,
  );
  if (health === undefined) throw new Error("unreachable");
  return health;
};

export const untilFree = (port: number): Promise<boolean> =>
  until(`Port ${port} is still listened on`, () => isListening(port), (listening) => !listening);

/** The real OpenAI client; it does not try again by itself. */
export const clientOf = (port: number): OpenAI =>
  new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: "none", maxRetries: 0 });

export const hello = { model: "gpt-4", messages: [{ role: "user" as const, content: "Hello" }] };

/** All text of a streamed answer, and what made it up. */
export const stream = async (port: number, request: Partial<typeof hello> = {}) => {
  const { data, response } = await clientOf(port).chat.completions.create({ ...hello, ...request, stream: true }).withResponse();
  const chunks = [];
  for await (const chunk of data) chunks.push(chunk);
  return {
    text: chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""),
    models: [...new Set(chunks.map(({ model }) => model))],
    finishReason: chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? []).at(-1),
    answeredBy: response.headers.get("x-llm-proxy-model"),
    generation: response.headers.get("x-llm-proxy-config"),
  };
};
