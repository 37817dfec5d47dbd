import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createSecretSource, secretFromEnvironment } from "../config/secret-source.ts";
import { describeAlias, type DescribedAlias } from "../models/describe-alias.ts";
import { createConnections } from "../models/openai-upstream/connections.ts";
import { createHosts } from "../models/registry.ts";
import { systemClock } from "../services.ts";
import type { Command } from "./command.ts";
import { defaultFile } from "./default-file.ts";
import { loadFile } from "./load-file.ts";

/** Says what each alias stands for in a terminal, and why what does not run here does not. Asks no server. */
export const models: Command = {
  name: "models",
  usage: "[--config FILE] [--json]",
  summary: "says what each alias stands for here, and what cannot run",
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { config: { type: "string", default: defaultFile }, json: { type: "boolean", default: false } } });
    const secrets = createSecretSource({ env: io.env, folder: dirname(resolve(io.cwd, values.config)), secret: secretFromEnvironment(io.env) });
    const config = await loadFile(values.config, io, { secrets });
    if (typeof config === "number") return config;
    const connections = createConnections();
    const hosts = createHosts({ clock: systemClock, connections }, config);
    const aliases = await Promise.all(config.models.map((alias) => describeAlias(alias, hosts)));
    await connections.close();
    const width = Math.max(...aliases.map(({ name }) => name.length));
    for (const alias of aliases) for (const line of values.json ? [JSON.stringify(alias)] : renderAlias(alias, width)) io.out(line);
    return 0;
  },
};

const renderAlias = ({ name, targets }: DescribedAlias, width: number): readonly string[] =>
  targets.map(({ target, unavailable }, index) => `${(index === 0 ? name : "").padEnd(width)}  ${target}${unavailable === undefined ? "" : `  does not run here: ${unavailable}`}`);
