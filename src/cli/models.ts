import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createSecretSource, secretFromEnvironment } from "../config/secret-source.ts";
import type { AliasConfig } from "../config/types.ts";
import { resolveTarget } from "../models/catalog.ts";
import type { Target } from "../models/host.ts";
import { createConnections } from "../models/openai-upstream/connections.ts";
import { createHosts, type Hosts } from "../models/registry.ts";
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

interface DescribedAlias {
  readonly name: string;
  readonly description?: string;
  /** Whether any of its targets runs here. */
  readonly runnable: boolean;
  /** In the order in which they are tried. */
  readonly targets: readonly { readonly target: string; readonly unavailable?: string }[];
}

const describeAlias = async ({ name, description, targets }: AliasConfig, hosts: Hosts): Promise<DescribedAlias> => {
  const described = await Promise.all(targets.map(async (target) => {
    const found = await resolveTarget(target, name, hosts);
    return { target: renderTarget(target), ...("unavailable" in found ? { unavailable: found.unavailable } : {}) };
  }));
  return { name, ...(description === undefined ? {} : { description }), runnable: described.some(({ unavailable }) => unavailable === undefined), targets: described };
};

/** As one would write it in the file, in its shortest form. */
const renderTarget = (target: Target): string => {
  if (target.kind === "echo") return "echo";
  if (target.kind === "upstream") return `${target.upstream}: ${target.model}`;
  const { kind: _, vendor, familyOrId, ...rest } = target;
  const others = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return [...(familyOrId === undefined ? (vendor === undefined ? [] : [`vendor ${vendor}`]) : [vendor === undefined ? familyOrId : `${vendor}/${familyOrId}`]), ...others].join(", ");
};

const renderAlias = ({ name, targets }: DescribedAlias, width: number): readonly string[] =>
  targets.map(({ target, unavailable }, index) => `${(index === 0 ? name : "").padEnd(width)}  ${target}${unavailable === undefined ? "" : `  does not run here: ${unavailable}`}`);
