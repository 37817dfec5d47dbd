/**
 * A first file. A line with `#` and no space after it is configuration that is switched off: each is valid once its `#` is
 * removed, alone and with the others, as a test sees to.
 */
export const template = `# What LLM Proxy serves, where and to whom. Saving this file deploys it; llm-proxy check says what is wrong with it.
# A line whose # has no space after it is switched off: remove the # to use it.
version: 1

# What a client writes under "model", and who answers.
models:
  # A model of VS Code: its vendor, a slash, its family or id.
  gpt-4: copilot/gpt-4o
  # The embedded model: no account, no network, good for a first try.
  echo: { echo: {} }
  # A list is tried in order.
  #smart: [copilot/claude-sonnet-4, copilot/gpt-4o]
  # Every other name, as a model of that vendor. Without this line it is refused.
  #"*": copilot/*

# Where to listen. The default is this machine alone, on port 8080. Anything but loopback needs a key on every route.
#listeners: { local: { ports: [8080, 8081] } }

# Who may ask. llm-proxy key makes a key and its hash; only the hash, or a reference to the key, stands here.
#keys: { me: { key: "\${env:LLM_PROXY_KEY}" } }

# Paths, and what is served there.
#routes: [{ path: /v1, models: [gpt-4, echo] }]
`;
