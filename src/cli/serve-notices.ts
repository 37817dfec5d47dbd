import type { Config } from "../config/types.ts";
import type { Problem } from "../config/problem.ts";
import { renderRisk } from "../config/risk-words.ts";
import { contentHashOf, type Risk } from "../config/risks.ts";
import type { Outcome } from "../deployment.ts";
import type { LlmProxy } from "../proxy.ts";
import type { CommandIo } from "./command.ts";
import { renderProblem } from "./render-problem.ts";

/** What `serve` says as it goes: sentences for people or, with `--json`, one object a line for programs. */
export interface Notices {
  noFile(): void;
  /** Says once who answers for the editor's models, and each time that nobody does after all. */
  standIn(name: string, config: Pick<Config, "upstreams">): void;
  /** What the file asks for beyond serving this machine: once for each content. Whoever starts it in a terminal has allowed it. */
  risks(risks: readonly Risk[]): void;
  outcome(outcome: Outcome): void;
  stopped(): void;
}

export interface NoticesOptions {
  readonly json: boolean;
  /** The file as the person named it. */
  readonly file: string;
}

export const createNotices = (io: CommandIo, proxy: LlmProxy, { json, file }: NoticesOptions): Notices => {
  const announced = new Set<string>();
  let toldRisks = contentHashOf([]);
  let isFirst = true;
  let hasStandIn = false;
  const event = (name: string, fields: object, text: string | undefined): void => {
    if (json) io.out(JSON.stringify({ event: name, ...fields }));
    else if (text !== undefined) io.out(text);
  };
  const announceListeners = (): void => {
    const { listeners } = proxy.status();
    for (const { name, url } of listeners) {
      if (!announced.has(url)) event("listening", { listener: name, url }, `listening on ${url}`);
    }
    announced.clear();
    for (const { url } of listeners) announced.add(url);
  };
  const tellProblems = (problems: readonly Problem[]): void => {
    for (const problem of problems) io.err(renderProblem(file, problem));
  };
  const outcome = (result: Outcome): void => {
    switch (result.kind) {
      case "applied":
        tellProblems(result.problems);
        if (!isFirst) event("reloaded", { generation: proxy.status().generation }, `reloaded ${file}: generation ${proxy.status().generation}`);
        announceListeners();
        if (isFirst && !json) suggestRequest(io, proxy);
        break;
      case "rejected":
        tellProblems(result.problems);
        event("rejected", { problems: result.problems }, isFirst ? undefined : `${file} was not taken over: what ran before runs on.`);
        break;
      case "missing": case "empty":
        event("waiting", { file, reason: result.kind }, `waiting: ${file} is ${result.kind === "empty" ? "empty" : "not there"}${isFirst ? "" : "; what ran before runs on"}.`);
        break;
      // A terminal is told what a file asks for, and holds nothing back.
      case "unchanged": case "held":
        break;
    }
    isFirst = false;
  };
  return {
    noFile: () => void (json || io.err(`There is no ${file} here: the echo model answers under every name. Write the file and it takes over.`)),
    standIn(name, { upstreams }) {
      const isThere = name === "echo" || upstreams.some((upstream) => upstream.name === name);
      if (!isThere) io.err(`stand-in: no upstream is named ${name}. Declare it under upstreams: in ${file}, or use --stand-in echo.`);
      else if (!json && !hasStandIn) io.err(`stand-in: ${name === "echo" ? "the echo model" : `the upstream ${name}`} answers for every model that only VS Code can reach.`);
      hasStandIn = isThere;
    },
    risks(risks) {
      const content = contentHashOf(risks);
      if (content === toldRisks) return;
      toldRisks = content;
      event("risks", { file, risks: risks.map(({ kind, name, sentTo }) => ({ kind, name, sentTo })) },
        risks.length === 0 ? undefined : `${file} asks to ${risks.map(renderRisk).join("; ")}`);
    },
    outcome,
    stopped: () => event("stopped", {}, "stopped"),
  };
};

/** A request that can be pasted as it is: the first thing that a newcomer wants to see work. */
const suggestRequest = (io: CommandIo, proxy: LlmProxy): void => {
  const { listeners, routes, models } = proxy.status();
  const listener = listeners[0];
  const route = routes.find((candidate) => candidate.listeners.includes(listener?.name ?? "") && candidate.protocols.includes("openai-chat"));
  if (listener === undefined || route === undefined) return;
  const model = models.find((name) => !name.includes("*")) ?? "any-name";
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] });
  const key = route.needsKey ? " -H 'authorization: Bearer YOUR_KEY'" : "";
  const path = `${route.path === "/" ? "" : route.path}/chat/completions`;
  io.out(`try: curl ${listener.url}${path} -H 'content-type: application/json'${key} -d '${body.replaceAll("'", String.raw`'\''`)}'`);
};
