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

const lowerCaseNames = (headers: UpstreamHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value ?? ""]));
