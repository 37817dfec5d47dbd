import type { AuthoredConfig, Listener, Upstream } from "./generated/types.ts";
import { isLoopback } from "./hosts.ts";
import type { Path } from "./problem.ts";
import { parseReference, sha256, type Reference } from "./references.ts";

/**
 * One thing that a file asks for and that can harm whoever serves it, where the file is a stranger's: doors to other
 * machines, and secrets and prompts that leave this one.
 */
export interface Risk {
  readonly kind: "host" | "allowedHost" | "allowedOrigin" | "upstream" | "tls" | "content" | Reference["kind"];
  /** The host, the address, or what the reference names; empty where there is only one of its kind. */
  readonly name: string;
  /** Of a reference, the address that its secret is sent to; absent = it is only compared with what clients present. */
  readonly sentTo?: string;
  /** Where the file asks for it. */
  readonly path: Path;
}

/** Every risk of a valid file, each once, in the order of the finders and of the file. Reads no reference. */
export const risksOf = (authored: AuthoredConfig): readonly Risk[] => {
  const risks = finders.flatMap((find) => find(authored));
  return [...new Map(risks.toReversed().map((risk) => [contentOf(risk), risk])).values()].toReversed();
};

/** Two sets of risks share it when they hold the same, wherever in their files and in whatever order. 64 hexadecimal digits. */
export const contentHashOf = (risks: readonly Risk[]): string => sha256(JSON.stringify([...new Set(risks.map(contentOf))].toSorted()));

const contentOf = ({ kind, name, sentTo }: Risk): string => JSON.stringify([kind, name, sentTo]);

type Finder = (authored: AuthoredConfig) => readonly Risk[];

const finders: readonly Finder[] = [
  (authored) => listenersOf(authored).flatMap(([name, { host }]) => (host === undefined || isLoopback(host) ? [] : [{ kind: "host", name: host.toLowerCase(), path: ["listeners", name, "host"] }])),
  (authored) => listenersOf(authored).flatMap(([name, { allowedHosts }]) => (allowedHosts ?? []).map((host, index) => ({ kind: "allowedHost", name: host.toLowerCase(), path: ["listeners", name, "allowedHosts", index] }))),
  (authored) => listenersOf(authored).flatMap(([name, { cors }]) => (cors?.allowOrigins ?? []).map((origin, index) => ({ kind: "allowedOrigin", name: origin.toLowerCase(), path: ["listeners", name, "cors", "allowOrigins", index] }))),
  (authored) => listenersOf(authored).flatMap(([name, { tls }]) => (tls === undefined ? [] : [
    { kind: "tls", name: tls.certFile, path: ["listeners", name, "tls", "certFile"] },
    { kind: "tls", name: tls.keyFile, path: ["listeners", name, "tls", "keyFile"] },
  ])),
  ({ logging }) => (logging?.content === true ? [{ kind: "content", name: "", path: ["logging", "content"] }] : []),
  (authored) => upstreamsOf(authored).map(([name, { baseUrl }]) => ({ kind: "upstream", name: addressOf(baseUrl), path: ["upstreams", name, "baseUrl"] })),
  // With its destination: a key that was allowed to go to one server must not go to another that prompts may go to.
  (authored) => upstreamsOf(authored).flatMap(([name, { apiKey, baseUrl }]) => (apiKey === undefined ? [] : [{ ...parseReference(apiKey), sentTo: addressOf(baseUrl), path: ["upstreams", name, "apiKey"] }])),
  (authored) => Object.entries(authored.keys ?? {}).flatMap(([name, key]) => (key?.key === undefined ? [] : [{ ...parseReference(key.key), path: ["keys", name, "key"] }])),
];

const listenersOf = ({ listeners }: AuthoredConfig): readonly (readonly [string, Listener])[] =>
  Object.entries(listeners ?? {}).map(([name, listener]) => [name, listener ?? {}]);

const upstreamsOf = ({ upstreams }: AuthoredConfig): readonly (readonly [string, Upstream])[] =>
  Object.entries(upstreams ?? {}).flatMap(([name, upstream]) => (upstream === undefined ? [] : [[name, upstream] as const]));

/** As it is asked: a host name that only looks like another's, or text that runs backwards, is shown for what it is. */
const addressOf = (baseUrl: string): string => (URL.canParse(baseUrl) ? new URL(baseUrl).href : baseUrl).replace(/\/+$/, "");
