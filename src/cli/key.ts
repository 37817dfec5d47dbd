import { parseArgs } from "node:util";
import { newKey } from "../config/new-key.ts";
import { sha256 } from "../config/references.ts";
import type { Command } from "./command.ts";

/** Makes a key and shows it once, with the hash that may be committed. Nothing is written or sent anywhere. */
export const key: Command = {
  name: "key",
  usage: "[--json]",
  summary: "makes a key and its hash",
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: "boolean", default: false } } });
    const made = newKey();
    const hash = `sha256:${sha256(made)}`;
    if (values.json) {
      io.out(JSON.stringify({ key: made, hash }));
      return 0;
    }
    io.out(`key:  ${made}`);
    io.out(`hash: ${hash}`);
    io.err("The key is shown this once: give it to whoever uses it. The hash goes into .llmproxy.yaml, as in keys: { NAME: { hash: … } }.");
    return 0;
  },
};
