// Runs what a test sends in the extension host of a window, where `vscode` is the real thing. It opens no port: it calls the test, which
// listens on loopback, and shows the test's token first. The connection lives exactly as long as the extension host.
import { createRequire } from "node:module";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { runInThisContext } from "node:vm";
import * as vscode from "vscode";
import type { Answer, Hello, Inside, Order } from "../extension-host.ts";
import type { Fixture } from "../models.ts";

type Task = (inside: Inside, argument: unknown) => unknown;

/** The fixture extension leaves itself in the globals, which all extensions of a window share. */
const shared = globalThis as typeof globalThis & { llmProxyFixture: Fixture };

/** What is left of a thrown value on the way to the test; extensions throw strings and bare objects too. */
const describeError = (thrown: unknown): NonNullable<Answer["error"]> => {
  if (!(thrown instanceof Error)) return { name: typeof thrown, message: JSON.stringify(thrown) ?? String(thrown) };
  const { name, message, stack } = thrown;
  const code = "code" in thrown ? String(thrown.code) : undefined;
  return { name, message, ...(stack === undefined ? {} : { stack }), ...(code === undefined ? {} : { code }) };
};

export const activate = async (context: vscode.ExtensionContext): Promise<void> => {
  const { LLM_PROXY_TEST_PORT: port, LLM_PROXY_TEST_TOKEN: token } = process.env;
  if (port === undefined || token === undefined) return;
  const socket = connect(Number(port), "127.0.0.1");
  const send = (message: Hello | Answer): boolean => socket.write(`${JSON.stringify(message)}\n`);
  const require = createRequire(import.meta.url);

  const obey = async ({ id, source, argument }: Order): Promise<Answer> => {
    try {
      const task = runInThisContext(`(${source})`) as Task;
      const inside = { vscode, context, require, fixture: shared.llmProxyFixture };
      return { id, value: await task(inside, argument) };
    } catch (thrown) {
      return { id, error: describeError(thrown) };
    }
  };

  // A test may want its models at once, and extensions that start with a window do so in no order.
  await vscode.extensions.getExtension("llm-proxy-test.test-models")?.activate();
  const { workspaceFile, workspaceFolders } = vscode.workspace;
  send({ token, pid: process.pid, target: (workspaceFile ?? workspaceFolders?.[0]?.uri)?.fsPath ?? "" });
  createInterface({ input: socket }).on("line", (line) => void obey(JSON.parse(line) as Order).then(send));
  // A test that ends first takes the connection with it; that is no error of this window.
  socket.on("error", () => {});
};
