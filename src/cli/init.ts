import { access, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Command } from "./command.ts";
import { defaultFile } from "./default-file.ts";
import { template } from "../config/template.ts";

/** Writes a first file, with comments that show what else can be said. Never writes over anything. */
export const init: Command = {
  name: "init",
  usage: "[--config FILE]",
  summary: "writes a first .llmproxy.yaml, with comments",
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { config: { type: "string", default: defaultFile } } });
    const path = resolve(io.cwd, values.config);
    const hasSchema = await access(join(dirname(path), schemaName)).then(() => true, () => false);
    try {
      await writeFile(path, `${hasSchema ? modeline : ""}${template}`, { flag: "wx" });
    } catch (error) {
      io.err(failures[String((error as NodeJS.ErrnoException).code)]?.(values.config) ?? `${values.config} could not be written: ${(error as Error).message}.`);
      return 2;
    }
    io.out(`wrote ${values.config}`);
    io.err("Serve it with llm-proxy serve, or open its folder in VS Code.");
    return 0;
  },
};

const schemaName = "llm-proxy.schema.json";

/** How editors find the schema. Only beside one that is there: a dead link would be a complaint in every editor. */
const modeline = `# yaml-language-server: $schema=./${schemaName}\n`;

const failures: Readonly<Record<string, (file: string) => string>> = {
  EEXIST: (file) => `${file} is there already, and stays as it is.`,
  ENOENT: (file) => `The folder of ${file} is not there.`,
};
