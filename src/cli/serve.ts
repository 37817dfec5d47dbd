import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createFileSource } from "../config/file-source.ts";
import { hostsOverlap } from "../config/hosts.ts";
import { load, loadWithoutFile } from "../config/load.ts";
import { fileStart } from "../config/positions.ts";
import type { Problem } from "../config/problem.ts";
import { createSecretSource, secretFromEnvironment } from "../config/secret-source.ts";
import type { Config } from "../config/types.ts";
import { followFile } from "../config/watch-file.ts";
import { createDeployment, type Outcome } from "../deployment.ts";
import { createConnections } from "../models/openai-upstream/connections.ts";
import type { Hosts } from "../models/registry.ts";
import { createStandInHost, createUpstreamStandIn } from "../models/stand-in.ts";
import { createLog } from "../observability/log.ts";
import { instanceOf, LlmProxy } from "../proxy.ts";
import { systemClock, type Services } from "../services.ts";
import packageJson from "../../package.json" with { type: "json" };
import { UsageError, type Command, type CommandIo } from "./command.ts";
import { misnamedFile } from "./default-file.ts";
import { readPlainFile } from "../config/read-file.ts";
import { createStateFile } from "./state-file.ts";
import { createNotices, type Notices, type OptionProblem } from "./serve-notices.ts";

/** Serves what a file declares until it is interrupted, and follows each change of the file. */
export const serve: Command = {
  name: "serve",
  usage: "[--config FILE] [--port N] [--stand-in echo|UPSTREAM] [--json]",
  summary: "serves what .llmproxy.yaml declares, and follows its changes",
  async run(args, io) {
    const options = readOptions(args);
    const file = resolve(io.cwd, options.config ?? ".llmproxy.yaml");
    const isThere = await stat(file).then(() => true, () => false);
    const misnamed = isThere ? undefined : await misnamedFile(file);
    if (misnamed !== undefined) io.err(misnamed);
    if (options.config !== undefined && !isThere) {
      io.err(`${options.config} is not there. Write it, or leave --config out to serve the echo model.`);
      return 2;
    }
    const missing = await missingStandIn(options, file);
    if (missing !== undefined) {
      io.err(missing);
      return 2;
    }
    const services = createServices(io, options);
    const proxy = new LlmProxy({
      services,
      hosts: hostsOf(services, options),
      instance: instanceOf(file),
      balances: createStateFile(instanceOf(file), io.env),
      problems: () => deployment.allProblems(),
      onChange: () => notices.changed(),
      onPortFree: () => void onChange(),
    });
    let listeners: Config["listeners"] | undefined;
    const blame = (problem: Problem): OptionProblem => blamePort(problem, options, listeners);
    const notices = createNotices(io, {
      json: options.json,
      file: options.config ?? ".llmproxy.yaml",
      status: () => proxy.status(),
      problems: () => deployment.problems().map(blame),
      answeringModel: (route) => proxy.answeringModel(route),
    });
    const folder = dirname(file);
    const secrets = createSecretSource({ env: io.env, folder, secret: secretFromEnvironment(io.env) });
    const files = createFileSource(folder);
    const deployment = createDeployment({
      proxy,
      read: () => readPlainFile(file),
      load: async (source) => {
        notices.risks((await load(source)).risks ?? []);
        return load(source, { secrets, files });
      },
      adjust: (config) => {
        if (options.standIn !== undefined) notices.standIn(options.standIn, config);
        const adjusted = withPort(config, options.port);
        ({ listeners } = adjusted);
        return adjusted;
      },
    });
    const tell = async (deployed: Promise<Outcome>): Promise<Outcome> => {
      const outcome = await deployed;
      // What the text is blamed for is found before anything is bound.
      notices.outcome(outcome.kind === "rejected" && outcome.bindError !== undefined ? { ...outcome, problems: outcome.problems.map(blame) } : outcome);
      if ("files" in outcome && outcome.files !== undefined) watch.also(outcome.files.map((other) => resolve(folder, other)));
      return outcome;
    };
    const onChange = async (): Promise<void> => {
      await begun;
      await tell(deployment.deploy());
    };
    // Before the first look at the file: a change that comes between the two must not be missed.
    const watch = followFile(file, services.clock, () => void onChange());
    const begun = tell(isThere ? deployment.deploy() : serveWithoutFile(proxy, options, notices));
    const first = await begun;
    const canServe = first.kind !== "rejected";
    if (canServe) await io.interrupted();
    watch.close();
    if (canServe) notices.stopping();
    await deployment.close();
    await services.connections.close();
    if (canServe) notices.stopped();
    return canServe ? 0 : first.bindError === undefined ? 1 : 2;
  },
};

interface ServeOptions {
  readonly config?: string;
  readonly port?: number;
  /** `echo`, or the name of an upstream that the file declares. */
  readonly standIn?: string;
  readonly json: boolean;
}

const readOptions = (args: readonly string[]): ServeOptions => {
  const { values } = parseArgs({
    args: [...args],
    options: { config: { type: "string" }, port: { type: "string" }, "stand-in": { type: "string" }, json: { type: "boolean", default: false } },
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) throw new UsageError(`--port takes a number from 0 to 65535, not ${values.port}.`);
  const standIn = values["stand-in"];
  return {
    json: values.json,
    ...(values.config === undefined ? {} : { config: values.config }),
    ...(port === undefined ? {} : { port }),
    ...(standIn === undefined ? {} : { standIn }),
  };
};

/** Without a file there is still something to try: the echo model under every name, until a file is written. */
const serveWithoutFile = async (proxy: LlmProxy, { port }: ServeOptions, notices: Notices): Promise<Outcome> => {
  notices.noFile();
  const { config } = await loadWithoutFile();
  if (config === undefined) throw new Error("The configuration without a file has errors.");
  const applied = await proxy.apply(withPort(config, port));
  if (applied.result !== "rejected") return { kind: "applied", problems: [] };
  const problems = applied.problems.map((problem) => ({ ...problem, severity: "error" as const, range: fileStart }));
  return { kind: "rejected", problems, bindError: applied.problems[0]?.code ?? "" };
};

const createServices = (io: CommandIo, { json }: ServeOptions): Services => ({
  log: createLog((level, line) => (level === "warn" || level === "error" ? io.err(line()) : io.log(line)), { level: "debug", format: json ? "json" : "text" }),
  clock: systemClock,
  connections: createConnections(),
  newId: randomUUID,
  version: packageJson.version,
});

const hostsOf = ({ clock }: Services, { standIn }: ServeOptions) => (own: Hosts): Hosts => {
  if (standIn === undefined) return {};
  return { selector: standIn === "echo" ? createStandInHost(clock) : createUpstreamStandIn(standIn, own) };
};

/** A sentence for whoever named an upstream that the file does not declare. Of a file with errors, those are said instead. */
const missingStandIn = async ({ standIn, config: named = ".llmproxy.yaml" }: ServeOptions, file: string): Promise<string | undefined> => {
  if (standIn === undefined || standIn === "echo") return undefined;
  const source = await readPlainFile(file).catch(() => new Uint8Array());
  const { config } = source === undefined ? await loadWithoutFile() : await load(source);
  if (config === undefined || config.upstreams.some(({ name }) => name === standIn)) return undefined;
  const declared = config.upstreams.map(({ name }) => name);
  return `--stand-in ${standIn}: no upstream is named so. Declare it under upstreams: in ${named}, or use --stand-in ${["echo", ...declared].join(" or --stand-in ")}.`;
};

/** Where `--port` asked for a port that is taken, no line of the file is to blame. @param listeners as they are with it; absent = no file */
const blamePort = ({ fixes, ...problem }: Problem, { port }: ServeOptions, listeners: Config["listeners"] | undefined): OptionProblem => {
  const [section, name, property] = problem.path;
  const first = listeners?.[0];
  const isFirst = name === (first?.name ?? "local");
  const isSame = first !== undefined && listeners?.some((other) => other.name === name && other.ports.includes(port ?? 0) && hostsOverlap(other.host, first.host)) === true;
  if (port === undefined || section !== "listeners" || property !== "ports" || !(isFirst || isSame)) return { ...problem, ...(fixes !== undefined && { fixes }) };
  const message = isFirst ? problem.message : `Listener "${first?.name}" gets port ${port}, which listener "${name}" has in the file.`;
  return { ...problem, message, option: `--port ${port}`, path: [], range: fileStart, hint: "Give --port another number; 0 takes any free port." };
};

/** `--port` replaces the ports of the first listener. */
const withPort = (config: Config, port: number | undefined): Config => {
  const [first, ...others] = config.listeners;
  return port === undefined || first === undefined ? config : { ...config, listeners: [{ ...first, ports: [port] }, ...others] };
};
