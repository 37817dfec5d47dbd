import { writeValue } from "./write-value.ts";

export interface TemplateOptions {
  /** Aliases that have a model here, the first one the most usual. At least one. */
  readonly aliases: readonly { readonly name: string; readonly target: string; readonly comment?: string }[];
  /** Targets that an alias may try in order. */
  readonly list: readonly string[];
  /** Default: 8080, and then it is not written. */
  readonly port?: number;
}

/**
 * A first file. A line with `#` and no space after it is configuration that is switched off: each is valid once its `#` is
 * removed, alone and with the others, as a test sees to.
 */
export const renderTemplate = ({ aliases, list, port = 8080 }: TemplateOptions): string => {
  const names = aliases.map(({ name }) => name);
  const vendor = aliases[0]?.target.split("/")[0] ?? "copilot";
  return `# What LLM Proxy serves, where and to whom. Saving this file deploys it; llm-proxy check says what is wrong with it.
# A line whose # has no space after it is switched off: remove the # to use it.
version: 1

# What a client writes under "model", and who answers.
models:
  # A model of VS Code: its vendor, a slash, its family or id.
${aliases.map(({ name, target, comment }) => `  ${writeValue(name)}: ${writeValue(target)}${comment === undefined ? "" : ` # ${comment.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")}`}\n`).join("")}\
  # The embedded model: no account, no network, good for a first try.
  echo: { echo: {} }
  # A list is tried in order.
  #${unused("smart", names)}: [${list.map(writeValue).join(", ")}]
  # Every other name, as a model of that vendor. Without this line it is refused.
  #"*": ${vendor}/*

${port === 8080
    ? `# Where to listen. The default is this machine alone, on port 8080. Anything but loopback needs a key on every route.\n#listeners: { local: { ports: [8080, 8081] } }`
    : `# Where to listen: this machine alone, on a port that was free. Anything but loopback needs a key on every route.\nlisteners: { local: { ports: ${port} } }`}

# Who may ask. llm-proxy key makes a key and its hash; only the hash, or a reference to the key, stands here.
#keys: { me: { key: "\${env:LLM_PROXY_KEY}" } }

# Paths, and what is served there.
#routes: [{ path: /v1, models: [${[names[0] ?? "echo", "echo"].map(writeValue).join(", ")}] }]
`;
};

const unused = (name: string, names: readonly string[]): string => (names.includes(name) ? unused(`${name}-one`, names) : name);

/** Where nobody knows which models there are. */
export const template = renderTemplate({ aliases: [{ name: "gpt-4", target: "copilot/gpt-4o" }], list: ["copilot/claude-sonnet-4", "copilot/gpt-4o"] });
