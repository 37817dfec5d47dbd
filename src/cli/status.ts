import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createFileSource } from "../config/file-source.ts";
import type { Config } from "../config/types.ts";
import { instanceOf } from "../proxy.ts";
import { addressOf, askHealth, type Health } from "./ask-health.ts";
import type { Command } from "./command.ts";
import { defaultFile } from "./default-file.ts";
import { loadFile } from "./load-file.ts";
import { renderReport } from "./render-report.ts";

/** Asks whoever serves a file how it is, at each address that the file names. Ends with 0 where all of them answer and run. */
export const status: Command = {
  name: "status",
  usage: "[--config FILE] [--key KEY] [--json]",
  summary: "asks the running proxy of a file how it is",
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { config: { type: "string", default: defaultFile }, key: { type: "string" }, json: { type: "boolean", default: false } },
    });
    const file = resolve(io.cwd, values.config);
    const config = await loadFile(values.config, io, { files: createFileSource(dirname(file)) });
    if (typeof config === "number") return config;
    const key = values.key ?? (io.env["LLM_PROXY_KEY"] || undefined);
    const answers = await Promise.all(placesOf(config).map((place) => ask(place, config, key, instanceOf(file))));
    for (const answer of answers) io.out(values.json ? JSON.stringify(answer) : renderAnswer(answer));
    if (!values.json) tellReport(answers, values.config, key, io);
    return answers.every(({ runs }) => runs) ? 0 : 1;
  },
};

interface Answer {
  readonly listener: string;
  /** Absent for port 0, which only `serve` can tell. */
  readonly url?: string;
  /** Whether the file's own proxy answers there, and runs. */
  readonly runs: boolean;
  /** Why it does not, where there is a reason. */
  readonly problem?: string;
  readonly health?: Health;
}

interface Place {
  readonly listener: Config["listeners"][number];
  readonly port: number;
}

const placesOf = ({ listeners }: Config): readonly Place[] => listeners.flatMap((listener) => listener.ports.map((port) => ({ listener, port })));

const ask = async ({ listener, port }: Place, config: Config, key: string | undefined, instance: string): Promise<Answer> => {
  if (port === 0) return { listener: listener.name, runs: false, problem: "it takes any free port, which llm-proxy serve prints" };
  const url = addressOf(listener, port);
  const address = `${url}${config.health.path}`;
  // Who listens there is asked before the key is shown: the address comes from the file, and may be anybody's.
  const stranger = await askHealth(address, listener.tls, undefined);
  const isOurs = "health" in stranger && stranger.health.instance === instance;
  const answer = isOurs && key !== undefined ? await askHealth(address, listener.tls, key) : stranger;
  const known = { listener: listener.name, url };
  if ("silent" in answer) return { ...known, runs: false, problem: answer.silent };
  const { health } = answer;
  if (health.instance !== instance) return { ...known, runs: false, problem: "the proxy of another file answers there", health };
  return { ...known, runs: health.state === "running", health };
};

const renderAnswer = ({ listener, url, problem, health }: Answer): string => {
  const place = `${listener}${url === undefined ? "" : ` ${url}`}`;
  return problem !== undefined || health === undefined ? `${place}: ${problem}` : `${place}: ${health.state}, generation ${health.generation}, version ${health.version}`;
};

/** All sockets are one proxy's, which has one report. */
const tellReport = (answers: readonly Answer[], file: string, key: string | undefined, io: Parameters<Command["run"]>[1]): void => {
  const own = answers.filter(({ health, problem }) => health !== undefined && problem === undefined);
  const report = own.find(({ health }) => health?.figures !== undefined)?.health;
  if (report !== undefined) for (const line of renderReport(report, file)) io.out(line);
  else if (own.length > 0) io.err(key === undefined ? "With a key, in --key or LLM_PROXY_KEY, it tells its figures too." : "Its figures are not for this key.");
};
