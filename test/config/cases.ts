import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { load } from "../../src/config/load.ts";
import type { FileSource } from "../../src/config/file-source.ts";
import type { Range } from "../../src/config/positions.ts";
import { renderPath, type Problem } from "../../src/config/problem.ts";
import type { SecretSource } from "../../src/config/references.ts";
import { renderRisk } from "../../src/config/risk-words.ts";
import type { Config, ListenerConfig } from "../../src/config/types.ts";
import { createCertificate } from "../support/certificate.ts";

const folder = fileURLToPath(new URL("cases/", import.meta.url));

/** The pairs of cases/: NAME.yaml is a file, NAME.json the configuration or the problems that it gives. */
export const caseNames = readdirSync(folder).filter((name) => name.endsWith(".yaml")).map((name) => name.slice(0, -".yaml".length));

export const casePath = (name: string): string => `${folder}${name}.yaml`;

export const expectedPath = (name: string): string => `${folder}${name}.json`;

export const readExpected = (name: string): unknown => JSON.parse(readFileSync(expectedPath(name), "utf8"));

/** What loading the case gives, in the short form of the expectations. Read as bytes: some cases are no UTF-8. */
export const loadCase = async (name: string): Promise<unknown> => {
  const { config, problems, risks = [] } = await load(readFileSync(casePath(name)), { secrets: caseSecrets, files: caseFiles });
  return {
    ...(problems.length > 0 && { problems: problems.map(shortenProblem) }),
    ...(risks.length > 0 && { risks: risks.map((risk) => `${renderRisk(risk)} (${renderPath(risk.path)})`) }),
    ...(config && { config: shortenConfig(config, name === "smallest" ? undefined : await smallest) }),
  };
};

/** A problem as one would note it: where, what, what to do. */
const shortenProblem = ({ severity, message, hint, path, range, fixes = [] }: Problem): unknown => ({
  at: renderRange(range),
  ...(path.length > 0 && { path: renderPath(path) }),
  severity,
  message,
  hint,
  ...(fixes.length > 0 && { fixes: Object.fromEntries(fixes.map(({ title, edits, keeps }) => [title, [...edits.map((edit) => `${renderRange(edit.range)} ${JSON.stringify(edit.text)}`), ...(keeps ? [`keeps ${keeps.name}`] : [])]])) }),
});

const renderRange = ({ start, end }: Range): string => `${start.line}:${start.column}-${end.line}:${end.column}`;

const smallest = load("version: 1").then(({ config }) => config);

/**
 * What a file says, without what it has in common with the smallest one, whose own expectation is whole: a new property
 * changes that one. The generation is left out, for a hash says nothing.
 */
const shortenConfig = (config: Config, usual: Config | undefined): unknown => {
  const { listeners, models, routes, ...rest } = { ...config, generation: undefined };
  const [usualListener, usualAlias, usualRoute] = [usual?.listeners[0], usual?.models[0], usual?.routes[0]];
  const shown = {
    ...rest,
    listeners: listeners.map((listener) => ({ name: listener.name, ...withoutUsual(withoutFingerprint(listener), usualListener) })),
    models: models.map((alias) => withoutUsual(alias, { fallbackOn: usualAlias?.fallbackOn })),
    routes: routes.map((route) => ({ name: route.name, ...withoutUsual(route, usualRoute) })),
  };
  return usual === undefined ? shown : withoutUsual(shown, { ...usual, models: [{ name: "*", targets: usualAlias?.targets }], listeners: [{ name: "local" }], routes: [{ name: "/v1" }] });
};

/** Certificates are made for each run. */
const withoutFingerprint = ({ tls, ...listener }: ListenerConfig): object =>
  ({ ...listener, ...(tls && { tls: { certFile: tls.certFile, keyFile: tls.keyFile } }) });

const withoutUsual = (values: object, usual: object = {}): object => {
  const usualEntries = new Map(Object.entries(usual));
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => !isDeepStrictEqual(value, usualEntries.get(name))));
};

/** What the references of the cases name. */
const values: Readonly<Record<string, string>> = { CI_KEY: "ci-key", SAME_KEY: "ci-key", ci: "stored-key", ".llmproxy/ci.key": "file-key", SPACED: "two words" };

export const caseSecrets: SecretSource = {
  read: ({ kind, name }) => {
    const value = values[name];
    return value === undefined ? { missing: `The ${kind} ${name} is not set.`, hint: `Set ${name}.` } : { value };
  },
};

const year = 365 * 86_400_000;
const [proxy, expired, early] = [
  createCertificate(),
  createCertificate({ from: new Date(0), to: new Date(year) }),
  createCertificate({ from: new Date("2900-01-01"), to: new Date("2901-01-01") }),
];

/** What the certificate files of the cases hold. */
const certificates: Readonly<Record<string, string>> = {
  "certs/proxy.pem": `Subject: CN=localhost\n${proxy.cert}`,
  "certs/proxy.key": proxy.key,
  "/etc/ssl/both.pem": `${proxy.key}\n${proxy.cert}`,
  "certs/expired.pem": expired.cert,
  "certs/expired.key": expired.key,
  "certs/early.pem": early.cert,
  "certs/early.key": early.key,
  "certs/locked.key": proxy.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-128-cbc", passphrase: "secret" }).toString(),
  "README.md": "# Certificates\n",
};

export const caseFiles: FileSource = {
  read: async (path) => {
    const text = certificates[path];
    return text === undefined ? { missing: `The file ${path} is not there.`, hint: "Put it there." } : { text };
  },
};
