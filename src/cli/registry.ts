import type { Command } from "./command.ts";
import { serve } from "./serve.ts";

/** Every command, one line each, in the order in which the help shows them. */
export const commands: readonly Command[] = [
  serve,
];
