import type { Config } from "../config/types.ts";
import type { Problem } from "../config/problem.ts";
import { renderRisk } from "../config/risk-words.ts";
import { contentHashOf, type Risk } from "../config/risks.ts";
import type { Outcome } from "../deployment.ts";
import type { ListenerStatus, ProxyStatus } from "../proxy.ts";
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
  /** For after any change of the proxy's status. */
  changed(): void;
  /** What is in flight may still end. */
  stopping(): void;
  stopped(): void;
}

export interface NoticesOptions {
  readonly json: boolean;
  /** The file as the person named it. */
  readonly file: string;
  readonly status: () => ProxyStatus;
  /** What is wrong with the sockets of the file in force, at its place in the file. */
  readonly problems: () => readonly Problem[];
  /** A model that answers on a route here; absent where none does. */
  readonly answeringModel: (route: string) => Promise<string | undefined>;
}

/** A problem with what the command line asked for, which the file is not to blame for. */
export type OptionProblem = Problem & { readonly option?: string };

export const createNotices = (io: CommandIo, { json, file, status, problems, answeringModel }: NoticesOptions): Notices => {
  const socketNotices = createSocketNotices();
  let last: Outcome["kind"] | undefined;
  let generation = "";
  let toldRisks = contentHashOf([]);
  /** What has been told of a file that is not there or says nothing. */
  let absence: "missing" | "empty" | undefined;
  let hasStandIn = false;
  const event = (name: string, fields: object, text: string | undefined): void => {
    if (json) io.out(JSON.stringify({ event: name, ...fields }));
    else if (text !== undefined) io.out(text);
  };
  const tellProblems = (found: readonly OptionProblem[]): void => {
    for (const problem of found) io.err(problem.option === undefined ? renderProblem(file, problem) : `${problem.option}: ${problem.severity}: ${problem.message} (${problem.hint})`);
  };
  const tellSockets = (): void => {
    const news = socketNotices.news(status().listeners);
    for (const { name, url, state, insteadOf, problem } of news) {
      if (state === "listening") event(state, { listener: name, url, insteadOf }, `listening on ${url}${insteadOf === undefined ? "" : `, because port ${insteadOf} is taken`}`);
      else event(state, { listener: name, url, reason: "busy", problem }, problem === undefined ? `waiting for ${url}: its port is taken, and is taken over as soon as it is free.` : undefined);
    }
    if (news.some(({ problem }) => problem !== undefined)) tellProblems(problems());
  };
  const tellReload = (): void => event("reloaded", { generation }, `reloaded ${file}: generation ${generation}`);
  const outcome = (result: Outcome): void => {
    const before = last;
    last = result.kind;
    switch (result.kind) {
      case "applied":
        tellProblems(result.problems);
        ({ generation } = status());
        if (before !== undefined) tellReload();
        tellSockets();
        if (before === undefined && !json) void suggestRequest(io, status(), answeringModel);
        break;
      case "rejected":
        tellProblems(result.problems);
        event("rejected", { problems: result.problems }, before === undefined ? undefined : `${file} was not taken over: what ran before runs on.`);
        break;
      case "missing": case "empty":
        // The watcher looks for a file that is away again and again.
        if (absence === result.kind) break;
        event("waiting", { file, reason: result.kind }, `waiting: ${file} is ${result.kind === "empty" ? "empty" : "not there"}${before === undefined ? "" : "; what ran before runs on"}.`);
        break;
      case "unchanged":
        // What was wrong with the file is mended: it says again what is in force.
        if (before === "rejected" || before === "missing" || before === "empty") tellReload();
        break;
      // A terminal is told what a file asks for, and holds nothing back.
      case "held": case "closed":
        break;
    }
    if (result.kind === "missing" || result.kind === "empty") absence = result.kind;
    else if (before !== undefined) absence = undefined;
  };
  return {
    noFile() {
      absence = "missing";
      if (!json) io.err(`There is no ${file} here: the echo model answers under every name. Write the file and it takes over.`);
    },
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
    changed() {
      // While a file comes into force, its outcome says all.
      if (status().generation === generation) tellSockets();
    },
    stopping() {
      const { active } = status().figures;
      if (!json && active > 0) io.err(`stopping: ${active === 1 ? "1 request is" : `${active} requests are`} still being answered. Interrupt again to break off.`);
    },
    stopped: () => event("stopped", {}, "stopped"),
  };
};

/** Tells what is new about sockets since it was last asked. */
const createSocketNotices = (): { news(listeners: readonly ListenerStatus[]): readonly ListenerStatus[] } => {
  let known = new Set<string>();
  return {
    news(listeners) {
      const before = known;
      known = new Set(listeners.map((listener) => JSON.stringify(listener)));
      return listeners.filter((listener) => !before.has(JSON.stringify(listener)));
    },
  };
};

/** A request that can be pasted as it is: the first thing that a newcomer wants to see work. */
const suggestRequest = async (io: CommandIo, { listeners, routes }: ProxyStatus, answeringModel: NoticesOptions["answeringModel"]): Promise<void> => {
  const listener = listeners.find(({ state }) => state === "listening");
  const route = routes.find((candidate) => candidate.listeners.includes(listener?.name ?? "") && candidate.protocols.includes("openai-chat"));
  if (listener === undefined || route === undefined) return;
  const model = await answeringModel(route.name);
  if (model === undefined) return io.err("Nothing that this file serves runs in a terminal: with --stand-in echo, the echo model answers.");
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] });
  const key = route.needsKey ? " -H 'authorization: Bearer YOUR_KEY'" : "";
  const path = `${route.path === "/" ? "" : route.path}/chat/completions`;
  io.out(`try: curl ${listener.url}${path} -H 'content-type: application/json'${key} -d '${body.replaceAll("'", String.raw`'\''`)}'`);
};
