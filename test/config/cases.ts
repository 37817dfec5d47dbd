import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { load, type Loaded } from "../../src/config/load.ts";
import { renderPath } from "../../src/config/problem.ts";
import type { SecretSource } from "../../src/config/references.ts";
import type { RouteConfig } from "../../src/config/types.ts";

const folder = fileURLToPath(new URL("cases/", import.meta.url));

/** The pairs of cases/: NAME.yaml is a file, NAME.json the configuration or the problems that it gives. */
export const caseNames = readdirSync(folder).filter((name) => name.endsWith(".yaml")).map((name) => name.slice(0, -".yaml".length));

export const expectedPath = (name: string): string => `${folder}${name}.json`;

export const readExpected = (name: string): unknown => JSON.parse(readFileSync(expectedPath(name), "utf8"));

/** What loading the case gives, in the short form of the expectations. Read as bytes: some cases are no UTF-8. */
export const loadCase = async (name: string): Promise<unknown> => shorten(await load(readFileSync(`${folder}${name}.yaml`), { secrets: caseSecrets }));

/** A problem as one would note it: where, what, what to do. The generation is a hash, which says nothing in an expectation. */
export const shorten = ({ config, problems }: Loaded): unknown => ({
  ...(problems.length > 0 && {
    problems: problems.map(({ severity, message, hint, path, range: { start, end } }) => ({
      at: `${start.line}:${start.column}-${end.line}:${end.column}`,
      ...(path.length > 0 && { path: renderPath(path) }),
      severity,
      message,
      hint,
    })),
  }),
  ...(config && { config: { ...config, generation: undefined, routes: config.routes.map(withoutDefaults) } }),
});

/** What a route says of its answers is in an expectation only where it differs from the defaults, which would fill most of each. */
const withoutDefaults = ({ timeout, keepAliveMs, ...route }: RouteConfig): unknown => ({
  ...route,
  ...leftOut({ timeout, keepAliveMs }, { timeout: { firstToken: { ms: 300_000 }, idle: { ms: 120_000 }, total: { ms: 600_000 } }, keepAliveMs: 15_000 }),
});

const leftOut = (values: Readonly<Record<string, unknown>>, usual: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) => !isDeepStrictEqual(value, usual[name])));

/** What the references of the cases name. */
const values: Readonly<Record<string, string>> = { CI_KEY: "ci-key", SAME_KEY: "ci-key", ci: "stored-key", ".llmproxy/ci.key": "file-key", SPACED: "two words" };

export const caseSecrets: SecretSource = {
  read: ({ kind, name }) => {
    const value = values[name];
    return value === undefined ? { missing: `The ${kind} ${name} is not set.`, hint: `Set ${name}.` } : { value };
  },
};
