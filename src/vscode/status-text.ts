import { isError } from "../config/problem.ts";
import type { FolderState, FolderStatus } from "./folder-proxy.ts";

/** What the status bar shows of a window. */
export interface StatusText {
  /** With one of the editor's icons, `$(name)`, in front. */
  readonly text: string;
  /** One line for each folder and address, as plain text. */
  readonly lines: readonly string[];
  readonly kind: "plain" | "warning" | "error";
}

/** The worst first: a window shows the state that wants to be looked at most. */
const states: readonly FolderState[] = ["error", "starting", "waiting", "running", "stopped"];

const icons: Readonly<Record<FolderState, string>> = {
  error: "error",
  starting: "loading~spin",
  waiting: "watch",
  running: "radio-tower",
  stopped: "circle-slash",
};

/** @param isTrusted whether the user trusts the window's folders; where not, nothing starts */
export const renderStatus = (statuses: readonly FolderStatus[], isTrusted: boolean): StatusText => {
  // A folder without a file says nothing, unless there is no other.
  const shown = statuses.some(({ hasFile }) => hasFile) ? statuses.filter(({ hasFile, proxy }) => hasFile || proxy !== undefined) : statuses;
  const state = states.find((candidate) => shown.some((status) => status.state === candidate)) ?? "stopped";
  const isRejected = shown.some(({ problems }) => problems.some(isError));
  return {
    text: `$(${icons[state]}) LLM Proxy${state === "running" ? portsOf(shown) : `: ${state}`}`,
    lines: isTrusted ? shown.flatMap(renderFolder) : ["Nothing starts in a folder that you do not trust."],
    kind: state === "error" ? "error" : isRejected ? "warning" : "plain",
  };
};

/** ` 8080`, ` 8080, 8081`, ` 8080 +3`: what a client needs to know, as short as it can be. */
const portsOf = (statuses: readonly FolderStatus[]): string => {
  const listening = statuses.flatMap(({ proxy }) => proxy?.listeners ?? []).filter(({ state }) => state === "listening");
  const ports = listening.map(({ url }) => new URL(url).port || (url.startsWith("https:") ? "443" : "80"));
  return ` ${ports.length > 2 ? `${ports[0]} +${ports.length - 1}` : ports.join(", ")}`;
};

const renderFolder = ({ name, state, problems, isOutdated, proxy, waitsFor }: FolderStatus): readonly string[] => {
  const errors = problems.filter(isError).length;
  const about = errors > 0 ? ` (${errors === 1 ? "1 problem" : `${errors} problems`}${state === "running" && isOutdated ? "; what ran before runs on" : ""})`
    : waitsFor === undefined ? "" : ` (${awaited[waitsFor]})`;
  return [`${name}: ${state}${about}`, ...addressesOf(proxy)];
};

const awaited: Readonly<Record<NonNullable<FolderStatus["waitsFor"]>, string>> = {
  file: "for a .llmproxy.yaml",
  consent: "for your consent",
  port: "for its port, until another window lets go of it",
};

/** Each route's address on each of its listeners, with what it speaks, and that it asks for no key where it does not. */
const addressesOf = (proxy: FolderStatus["proxy"]): readonly string[] =>
  proxy?.listeners.flatMap((listener) => proxy.routes
    .filter(({ listeners }) => listeners.includes(listener.name))
    .map(({ path, protocols, needsKey }) => `${listener.url}${path === "/" ? "" : path} ${protocols.join(", ")}${needsKey ? "" : ", no key"}${listener.state === "waiting" ? ", waits for its port" : ""}`)) ?? [];
