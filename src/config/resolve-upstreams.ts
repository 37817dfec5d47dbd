import type { UpstreamOptions } from "../models/openai-upstream/host.ts";
import { defaults } from "./defaults.ts";
import type { AuthoredConfig, Upstream, UpstreamHeaders, Upstreams } from "./generated/types.ts";
import { readReference } from "./read-reference.ts";
import type { SecretSource } from "./references.ts";
import type { Report } from "./report.ts";

/** Every upstream with its key. One whose key's reference is unset is there and cannot be asked, which is a warning. */
export const resolveUpstreams = (authored: AuthoredConfig, secrets: SecretSource | undefined, report: Report): Promise<readonly UpstreamOptions[]> => {
  const upstreams: Upstreams = authored.upstreams ?? defaults.file.upstreams;
  const entries = Object.entries(upstreams).filter((entry): entry is [string, Upstream] => entry[1] !== undefined);
  return Promise.all(entries.map(([name, upstream]) => resolveUpstream(name, upstream, secrets, report)));
};

const resolveUpstream = async (name: string, authored: Upstream, secrets: SecretSource | undefined, report: Report): Promise<UpstreamOptions> => {
  const { baseUrl, headers } = { ...defaults.upstream, ...authored };
  if (!URL.canParse(baseUrl)) report.value("error", ["upstreams", name, "baseUrl"], "This is no address that can be asked: its host or port is not valid.", "Write for example baseUrl: http://127.0.0.1:11434/v1.");
  checkHeaders(name, headers, report);
  return {
    name,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    apiKey: await resolveApiKey(name, authored, secrets, report),
    headers: lowerCaseNames(headers),
  };
};

const resolveApiKey = async (name: string, { apiKey }: Upstream, secrets: SecretSource | undefined, report: Report): Promise<UpstreamOptions["apiKey"]> => {
  if (apiKey === undefined) return "none";
  const value = await readReference(apiKey, ["upstreams", name, "apiKey"], `nothing is asked of ${name}`, secrets, report);
  return value === undefined ? "unset" : { value };
};

/** Headers that a connection sets for itself. @see RFC 9110 sections 7.6.1 and 10.1.1 */
const ownHeaders: ReadonlySet<string> = new Set([
  "host", "content-length", "content-type", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer", "upgrade", "expect",
]);

/** Headers that hold secrets, which the file must not. */
const secretHeaders: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"]);

const checkHeaders = (upstream: string, headers: UpstreamHeaders, report: Report): void => {
  const seen = new Set<string>();
  for (const [name, value = ""] of Object.entries(headers)) {
    const path = ["upstreams", upstream, "headers", name];
    const lower = name.toLowerCase();
    if (ownHeaders.has(lower)) report.key("error", path, `The header ${name} is the connection's own.`, "Remove it.");
    else if (secretHeaders.has(lower)) report.key("error", path, `The header ${name} holds a secret, and the file is no place for one.`, "Write apiKey: \"${env:NAME}\" instead: it is sent as Authorization: Bearer.");
    else if (seen.has(lower)) report.key("error", path, `The header ${name} stands here twice, in another spelling.`, "Remove one of them.");
    else if (value.includes("${")) report.value("error", path, "References are not read in headers: this text would be sent as it is.", "Write a plain value, or apiKey for a key.");
    seen.add(lower);
  }
};

const lowerCaseNames = (headers: UpstreamHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value ?? ""]));
