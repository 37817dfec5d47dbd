import { isHost } from "./host-fault.ts";

// Maps, for a name of the file may be "constructor", which every object has.

/** Names that people write for ours, in lower case without dashes and underscores. */
export const propertySlips: ReadonlyMap<string, readonly string[]> = new Map(Object.entries({
  port: ["ports"],
  address: ["host"],
  bind: ["host"],
  hostname: ["host"],
  listener: ["listeners"],
  server: ["listeners"],
  servers: ["listeners"],
  model: ["models"],
  alias: ["models"],
  aliases: ["models"],
  apikey: ["key", "keys"],
  apikeys: ["keys"],
  token: ["key", "apiKey"],
  secret: ["key", "apiKey"],
  sha256: ["hash"],
  authentication: ["auth"],
  authorization: ["auth"],
  protocol: ["protocols"],
  api: ["protocols"],
  route: ["routes"],
  endpoint: ["routes"],
  endpoints: ["routes"],
  prefix: ["path"],
  basepath: ["path"],
  provider: ["vendor"],
  bodylimit: ["maxBodySize"],
  maxbody: ["maxBodySize"],
  bodysize: ["maxBodySize"],
  url: ["baseUrl"],
  endpointurl: ["baseUrl"],
  text: ["reply"],
  answer: ["reply"],
}));

/** What to write instead, as a sentence, and as the value alone where that is all that changes. */
export interface ValueSlip {
  readonly hint: string;
  readonly value?: string;
}

/** For a value that its pattern refuses, by the name it stands under; no secret is repeated. */
export const valueSlips: ReadonlyMap<string, (value: string) => ValueSlip | undefined> = new Map(Object.entries({
  host: (value: string) => {
    const [, name = "", port] = /^(?:https?:\/\/)?\[?([A-Za-z0-9.:_-]*?)\]?(?::(\d{1,5}))?\/?$/.exec(value) ?? [];
    // What is left may be no better, and a hint must not lead to the next mistake.
    if (!isHost(name) || Number(port ?? 0) > 65_535) return undefined;
    return port === undefined ? write("host", quoteColons(name)) : { hint: `Write host: ${quoteColons(name)} and ports: ${port}.` };
  },
  path: (value: string) => {
    const path = `/${value.split("/").filter((segment) => !["", ".", ".."].includes(segment)).join("/")}`;
    return path !== value && /^[/A-Za-z0-9._~-]+$/.test(path) ? write("path", path) : undefined;
  },
  key: (value: string) => reference("key", value) ?? { hint: "Keep the key elsewhere and write key: \"${env:NAME}\", or put in its hash: `llm-proxy key` makes both." },
  apiKey: (value: string) => reference("apiKey", value) ?? { hint: "Keep the key elsewhere and write apiKey: \"${env:NAME}\"." },
  hash: (value: string) => (/^[0-9A-Fa-f]{64}$/.test(value)
    ? { hint: "Write sha256: before it.", value: `sha256:${value}` }
    : { hint: "Write the line that `llm-proxy key` prints, or key: \"${env:NAME}\"." }),
}));

const write = (name: string, value: string): ValueSlip => ({ hint: `Write ${name}: ${value}.`, value });

const quoteColons = (host: string): string => (host.includes(":") ? `"${host}"` : host);

/** For what is a variable in a shell or in another tool's files. */
const reference = (name: string, value: string): ValueSlip | undefined => {
  const variable = /^\$\{{0,2} *(?:env[.:])? *([A-Z_][A-Z0-9_]{0,60}) *\}{0,2}$/.exec(value)?.[1];
  return variable === undefined ? undefined : write(name, `"\${env:${variable}}"`);
};
