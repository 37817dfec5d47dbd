import { parseArgs } from "node:util";
import { schema as document } from "../config/schema.ts";
import type { Command } from "./command.ts";

/** Prints the JSON Schema of the file, for editors and for tools that check it without this one. */
export const schema: Command = {
  name: "schema",
  usage: "",
  summary: "prints the JSON Schema of .llmproxy.yaml",
  async run(args, io) {
    parseArgs({ args: [...args], options: {} });
    io.out(JSON.stringify(document, null, 2));
    return 0;
  },
};
