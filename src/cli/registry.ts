import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { init } from "./init.ts";
import { key } from "./key.ts";
import { models } from "./models.ts";
import { schema } from "./schema.ts";
import { serve } from "./serve.ts";
import { status } from "./status.ts";

/** Every command, one line each, in the order in which the help shows them. */
export const commands: readonly Command[] = [
  serve,
  check,
  models,
  status,
  init,
  key,
  schema,
];
