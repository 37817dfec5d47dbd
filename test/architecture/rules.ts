/** What one part of src/ may import, and why. A part is a folder of src/ or a file directly in it. */
export interface Layer {
  readonly part: string;
  /** Parts whose code and types it may import. What is for everyone is not listed. */
  readonly uses: readonly string[];
  /** Parts of which it may import types only. */
  readonly knows: readonly string[];
  /** Modules of Node that would be a sign of a wrong turn here; `node:` stands for all of them. */
  readonly never?: readonly string[];
  readonly because: string;
}

/** What everyone may import: the errors, the types of what is shared, and helpers that know nothing of the domain. */
export const forEveryone: readonly string[] = ["errors.ts", "services.ts", "nearest.ts", "quiet.ts"];

const sockets = ["node:http", "node:https", "node:http2", "node:tls", "node:dgram", "node:dns"];
const files = ["node:fs", "node:fs/promises"];

export const layers: readonly Layer[] = [
  { part: "errors.ts", uses: [], knows: [], because: "everyone imports it, so it can lean on nobody" },
  { part: "nearest.ts", uses: [], knows: [], because: "everyone imports it, so it can lean on nobody" },
  { part: "quiet.ts", uses: [], knows: [], because: "editor and terminal wait for the end of a save in the same way" },
  {
    part: "services.ts",
    uses: [],
    knows: ["observability", "policies", "models", "listeners"],
    because: "it holds the types of what is shared; an implementation in it would come with every import",
  },
  {
    part: "chat",
    uses: [],
    knows: [],
    never: ["node:"],
    because: "chat is the neutral language between protocols and hosts, and means the same wherever it is spoken",
  },
  {
    part: "protocols",
    uses: ["chat"],
    knows: [],
    never: [...sockets, "node:net", ...files],
    because:
      "protocols turn wire into chat and back; they have never heard of HTTP servers, hosts or the configuration",
  },
  {
    part: "models",
    uses: ["chat"],
    knows: [],
    because: "hosts answer chat requests; they do not know which protocol asked, nor which route",
  },
  {
    part: "emulation",
    uses: ["chat"],
    knows: [],
    never: [...sockets, "node:net", ...files],
    because: "it stands around any chat call, whichever host answers and whichever protocol asked",
  },
  {
    part: "limits",
    uses: [],
    knows: [],
    never: ["node:"],
    because: "it counts, for whoever asks, and knows nothing of requests; a store shared by several processes takes its place",
  },
  {
    part: "policies",
    uses: ["chat", "limits"],
    knows: [],
    never: [...sockets, ...files],
    because:
      "a policy sees our own Exchange or a chat call, so that one guard serves HTTP requests and WebSocket upgrades alike",
  },
  {
    part: "observability",
    uses: ["chat"],
    knows: ["policies", "models"],
    because: "what watches must not change what it watches: it reads their types and calls none of them",
  },
  {
    part: "routes",
    uses: ["chat", "protocols", "models", "emulation", "policies", "observability"],
    knows: ["config"],
    because:
      "routes join the parts below into handlers without side effects; configuration is handed to them, never called",
  },
  {
    part: "listeners",
    uses: [],
    knows: ["policies"],
    because: "listeners know sockets and a handle(req, res); they have never heard of chat",
  },
  {
    part: "config",
    uses: ["llm-proxy.schema.json"],
    knows: ["models", "policies", "protocols", "routes", "listeners", "observability"],
    never: [...sockets],
    because: "config turns text into data and problems; it gathers the options types of others and opens nothing",
  },
  {
    part: "proxy.ts",
    uses: ["chat", "protocols", "models", "limits", "policies", "observability", "routes", "listeners", "config", "proxy-report.ts", "proxy-status.ts", "socket-problem.ts"],
    knows: [],
    because: "it is one configuration file brought to life, in a terminal and in an editor alike",
  },
  {
    part: "proxy-status.ts",
    uses: ["listeners", "socket-problem.ts"],
    knows: ["config", "observability"],
    because: "it says how things stand, for everybody who shows it, and changes nothing",
  },
  {
    part: "proxy-report.ts",
    uses: ["models", "policies", "config"],
    knows: ["proxy-status.ts"],
    because: "it adds to the status what is found out by asking: which models there are, and what is left of limits",
  },
  {
    part: "socket-problem.ts",
    uses: ["listeners"],
    knows: ["config"],
    because: "it puts into the words of the file what happened to sockets, which have never heard of files",
  },
  {
    part: "deployment.ts",
    uses: ["proxy.ts", "config"],
    knows: ["socket-problem.ts"],
    because: "it keeps a file in force for editor and terminal alike; where the file's bytes come from, it is told",
  },
  {
    part: "cli",
    uses: ["deployment.ts", "proxy.ts", "config", "models", "observability", "package.json"],
    knows: ["listeners", "routes", "chat"],
    because: "the terminal drives the proxy through its front door, as the editor does",
  },
  {
    part: "headless.ts",
    uses: ["cli", "package.json"],
    knows: [],
    because: "it finds the command and gives it streams and signals; what a command does is its own file's",
  },
  {
    part: "vscode",
    uses: ["deployment.ts", "proxy.ts", "config", "models", "observability", "chat", "emulation"],
    knows: ["listeners", "routes"],
    because:
      "the editor drives the proxy through its front door and lends it a model host; it has no business with routes or sockets",
  },
  {
    part: "extension.ts",
    uses: ["vscode", "deployment.ts", "proxy.ts", "config", "models", "observability"],
    knows: [],
    because: "it is the list of what the extension contributes, one line per feature",
  },
];

/** A rule about particular files that the layers are too coarse for. Paths are below src/. */
export interface FileRule {
  /** Whether an import from one file to another is what the rule speaks of. */
  readonly forbids: (from: string, to: string) => boolean;
  readonly because: string;
}

/** The protocol or host folder that a file is in: `protocols/ollama`. */
const folderIn = (part: string, path: string): string | undefined => new RegExp(`^(${part}/[^/]+)/`).exec(path)?.[1];

export const fileRules: readonly FileRule[] = [
  {
    forbids: (from, to) =>
      /^policies\/(?!registry\.ts)/.test(from) && to.startsWith("policies/") && to !== "policies/policy.ts",
    because: "a policy that imports another cannot be moved in the order; what two share belongs into policy.ts",
  },
  {
    forbids: (from, to) => {
      const [mine, its] = [folderIn("protocols", from), folderIn("protocols", to)];
      return mine !== undefined && its !== undefined && mine !== its;
    },
    because: "a fix to one protocol must not change another's wire; what two share belongs beside protocol.ts",
  },
  {
    forbids: (from, to) => /^(extension|headless)\.ts$/.test(to) && from !== to,
    because: "an entry point runs what it imports and is imported by nobody",
  },
];

/** Imports of types that a layer forbids and the domain asks for all the same. */
export const allowedTypes: readonly FileRule["forbids"][] = [
  // An upstream host reads the wire types of the API that it calls.
  (from, to) => /^models\/[^/]+\//.test(from) && /^protocols\/[^/]+\/wire\.ts$/.test(to),
];

/** Where each package is at home: parts of src/ or paths within them. */
export const homes: Readonly<Record<string, { readonly in: readonly string[]; readonly because: string }>> = {
  vscode: { in: ["extension.ts", "vscode"], because: "everything else runs in a terminal too" },
  yaml: { in: ["config"], because: "only the configuration is YAML" },
  ajv: {
    in: ["config", "emulation"],
    because: "schemas are met in two places only: the configuration's own, and those that clients want answers of",
  },
  h3: { in: ["routes", "policies"], because: "a listener knows only handle(req, res), and protocols know no server" },
  "get-port-please": { in: ["listeners"], because: "it knows the ports that browsers refuse, for which listhen takes another" },
  listhen: { in: ["listeners"], because: "its defaults are dangerous and are overridden in one place" },
  ws: { in: ["listeners"], because: "upgrades pass the same guards as requests, which one door can promise" },
  undici: { in: ["models"], because: "only model hosts call out, and whoever fetches images for them" },
  "gpt-tokenizer": { in: ["models"], because: "only models count, each by its own count; this one is for those that have none" },
  "eventsource-parser": { in: ["protocols", "models"], because: "event streams are framing, in either direction" },
  "prom-client": {
    in: ["observability"],
    because: "others count in our words; how they are exposed is one file's matter",
  },
};
