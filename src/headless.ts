import { constants } from "node:os";
import { createLineWriter } from "./cli/line-writer.ts";
import { commands } from "./cli/registry.ts";
import { UsageError, type CommandIo, type ExitCode } from "./cli/command.ts";
import { systemClock } from "./services.ts";
import packageJson from "../package.json" with { type: "json" };

/** The same proxy from a terminal: finds the command, gives it streams and signals, ends with its exit code. */
const main = async (args: readonly string[]): Promise<ExitCode> => {
  const [name, ...rest] = args;
  if (name === "--version" || name === "version") {
    process.stdout.write(`${packageJson.version}\n`);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  const isHelp = name === undefined || name === "--help" || name === "-h" || name === "help";
  if (command === undefined) {
    const text = isHelp ? usage() : `llm-proxy has no command ${name}.\n${usage()}`;
    (isHelp ? process.stdout : process.stderr).write(`${text}\n`);
    return isHelp ? 0 : 2;
  }
  try {
    return await command.run(rest, createIo());
  } catch (error) {
    const isUsage = error instanceof UsageError || String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(isUsage ? `${message}\nllm-proxy ${command.name} ${command.usage}\n` : `llm-proxy ${command.name} failed: ${message}\n`);
    return 2;
  }
};

const usage = (): string => {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return ["llm-proxy COMMAND", ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`), "llm-proxy --version"].join("\n");
};

const createIo = (): CommandIo => {
  // Whoever read what is said may go (`serve | head -1`), and a disk under it may be full: what is served goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const errLines = createLineWriter((text) => void process.stderr.write(text), systemClock);
  // However the process ends: also by an order, or by an error that nobody caught.
  process.on("exit", errLines.flush);
  return {
    cwd: process.cwd(),
    env: process.env,
    out: (line) => void process.stdout.write(`${line}\n`),
    err(line) {
      errLines.add(() => line);
      errLines.flush();
    },
    log: errLines.add,
    interrupted: waitForInterrupt,
  };
};

const waitForInterrupt = (): Promise<void> =>
  new Promise((resolve) => {
    let isAsked = false;
    const interrupt = (signal: NodeJS.Signals): void => {
      // The second time is an order: whoever asks twice does not want to wait for streams.
      if (isAsked) process.exit(128 + constants.signals[signal]);
      isAsked = true;
      resolve();
    };
    process.on("SIGINT", interrupt);
    process.on("SIGTERM", interrupt);
  });

void main(process.argv.slice(2)).then((exitCode) => void (process.exitCode = exitCode));
