import type * as vscode from "vscode";
import type { Clock } from "../../services.ts";
import type { WindowProxies } from "../window-proxies.ts";

/** How soon the first answer is noticed: requests change figures without a word. */
const lookMs = 2000;

/** Tells the editor what there is to act on, for the `enablement` of commands and the walkthrough in package.json. */
export const registerContextKeys = ({ commands, Disposable }: Pick<typeof vscode, "commands" | "Disposable">, proxies: WindowProxies, clock: Clock): vscode.Disposable => {
  const told = new Map<string, boolean>();
  let cancel: (() => void) | undefined;
  const tell = (key: string, value: boolean): void => {
    if (told.get(key) === value) return;
    told.set(key, value);
    void commands.executeCommand("setContext", `llmProxy.${key}`, value);
  };
  const look = (): void => {
    cancel?.();
    const statuses = proxies.list().map((proxy) => proxy.status());
    const isServing = statuses.some(({ state }) => state === "running");
    const hasAnswered = told.get("hasAnswered") === true || statuses.some(({ proxy }) => (proxy?.figures.duration.sinceStart.count ?? 0) > 0);
    tell("isStarted", statuses.some(({ state }) => state !== "stopped"));
    tell("isServing", isServing);
    tell("hasAnswered", hasAnswered);
    cancel = isServing && !hasAnswered ? clock.after(lookMs, look) : undefined;
  };
  const subscription = proxies.onDidChange(look);
  look();
  return Disposable.from(subscription, { dispose: () => cancel?.() });
};
