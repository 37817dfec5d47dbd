import { isError } from "../../config/problem.ts";
import type { FolderState, FolderStatus } from "../folder-proxy.ts";
import type { Words } from "../words.ts";
import { portsOf } from "./folder-report.ts";

/** What the status bar shows of a window. */
export interface StatusText {
  /** With one of the editor's icons, `$(name)`, in front. */
  readonly text: string;
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

/** The folders worth a word: one without a file says nothing, unless there is no other. */
export const shownOf = (statuses: readonly FolderStatus[]): readonly FolderStatus[] =>
  (statuses.some(({ hasFile }) => hasFile) ? statuses.filter(({ hasFile, proxy }) => hasFile || proxy !== undefined) : statuses);

export const renderStatus = (statuses: readonly FolderStatus[], l10n: Words): StatusText => {
  const shown = shownOf(statuses);
  const state = states.find((candidate) => shown.some((status) => status.state === candidate)) ?? "stopped";
  const isRejected = shown.some(({ problems }) => problems.some(isError));
  return {
    text: `$(${icons[state]}) ${wordsOf(state, shown, l10n)}`,
    kind: state === "error" ? "error" : isRejected ? "warning" : "plain",
  };
};

const wordsOf = (state: FolderState, shown: readonly FolderStatus[], l10n: Words): string => {
  switch (state) {
    case "running": return `LLM Proxy ${portsOf(shown.flatMap(({ proxy }) => proxy?.listeners ?? []).filter((listener) => listener.state === "listening"))}`;
    case "stopped": return l10n.t("LLM Proxy: stopped");
    case "starting": return l10n.t("LLM Proxy: starting");
    case "error": return l10n.t("LLM Proxy: error");
    case "waiting": return waitingWords(shown, l10n);
  }
};

/** The one that somebody is asked about comes first. */
const waitingWords = (shown: readonly FolderStatus[], l10n: Words): string => {
  const awaited = new Set(shown.map(({ waitsFor }) => waitsFor));
  if (awaited.has("consent")) return l10n.t("LLM Proxy: waiting for you");
  return awaited.has("port") ? l10n.t("LLM Proxy: waiting for its port") : l10n.t("LLM Proxy: waiting");
};
