import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { createInterface } from "node:readline";
import type * as vscode from "vscode";
import type { Fixture } from "./models.ts";

/** What a function that runs in the extension host is handed. `context` is the driver extension's own. */
export interface Inside {
  readonly vscode: typeof vscode;
  readonly context: vscode.ExtensionContext;
  readonly require: NodeJS.Require;
  readonly fixture: Fixture;
}

/** An extension host that has called. */
export interface ExtensionHost {
  readonly pid: number;
  /**
   * Runs `task` there and gives what it returns, as JSON. The function travels as its source: it sees its two parameters and nothing of
   * the test around it. Throws what it throws, with name, message, code and stack.
   */
  run<Result, Argument = undefined>(
    task: (inside: Inside, argument: Argument) => Result | PromiseLike<Result>,
    argument?: Argument,
  ): Promise<Result>;
}

/** The three messages between a test and the driver extension, each a line of JSON. The driver opens with a Hello. */
export interface Hello {
  readonly token: string;
  readonly pid: number;
  /** The folder or .code-workspace file that its window shows; empty when it shows none. */
  readonly target: string;
}

export interface Order {
  readonly id: number;
  readonly source: string;
  readonly argument?: unknown;
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string; readonly stack?: string };
}

/** What was thrown in the extension host, as an Error of the test; its stack is that of the other side. */
const revive = ({ name, message, code, stack }: NonNullable<Answer["error"]>): Error =>
  Object.assign(new Error(message), { name, stack: stack ?? `${name}: ${message}` }, code === undefined ? {} : { code });

const createExtensionHost = (socket: Socket, { pid }: Hello): ExtensionHost & { answer(answer: Answer): void } => {
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  socket.once("close", () => {
    for (const { reject } of waiting.values()) reject(new Error(`The extension host ${pid} ended before it answered.`));
    waiting.clear();
  });
  let lastId = 0;
  return {
    pid,
    answer({ id, value, error }) {
      const waiter = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) waiter?.resolve(value as never);
      else waiter?.reject(revive(error));
    },
    run<Result>(task: Function, argument?: unknown) {
      if (socket.destroyed) return Promise.reject(new Error(`The extension host ${pid} has ended.`));
      const id = ++lastId;
      const answered = new Promise<Result>((resolve, reject) => waiting.set(id, { resolve, reject }));
      // A case that failed does not wait for its other answers any more; the end of its window is no second failure.
      answered.catch(() => {});
      const order: Order = { id, source: String(task), argument };
      socket.write(`${JSON.stringify(order)}\n`);
      return answered;
    },
  };
};

/** Where the driver extension of every window calls. */
export interface Switchboard {
  /** For the server's environment: where to call, and the token that says it is ours. */
  readonly environment: Readonly<Record<string, string>>;
  /** The next extension host to call for this folder or .code-workspace file; one call goes to one listener, first come first served. */
  next(target: string, deadlineMs: number): Promise<ExtensionHost>;
  close(): void;
}

const isToken = (shown: unknown, token: string): boolean =>
  typeof shown === "string" && shown.length === token.length && timingSafeEqual(Buffer.from(shown), Buffer.from(token));

/** Listens on a free port of 127.0.0.1. A caller that does not show the token is hung up on. */
export const openSwitchboard = async (): Promise<Switchboard> => {
  const token = randomBytes(24).toString("hex");
  const listeners = new Set<{ readonly target: string; resolve(host: ExtensionHost): void }>();
  const sockets = new Set<Socket>();

  const connected = (socket: Socket): void => {
    sockets.add(socket);
    let host: ReturnType<typeof createExtensionHost> | undefined;
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    createInterface({ input: socket }).on("line", (line) => {
      if (host !== undefined) return host.answer(JSON.parse(line) as Answer);
      const hello = JSON.parse(line) as Hello;
      if (!isToken(hello.token, token)) return socket.destroy();
      host = createExtensionHost(socket, hello);
      [...listeners].find(({ target }) => target === hello.target)?.resolve(host);
    });
  };

  const server = createServer(connected).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    environment: { LLM_PROXY_TEST_PORT: String((server.address() as AddressInfo).port), LLM_PROXY_TEST_TOKEN: token },
    next: (target, deadlineMs) =>
      new Promise((resolve, reject) => {
        const listener = { target, resolve: (host: ExtensionHost) => settle(() => resolve(host)) };
        const tooLate = new Error(`No extension host called for ${target} within ${deadlineMs / 1000} s.`);
        const deadline = setTimeout(() => settle(() => reject(tooLate)), deadlineMs);
        const settle = (how: () => void): void => {
          clearTimeout(deadline);
          listeners.delete(listener);
          how();
        };
        listeners.add(listener);
      }),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};
