import type { ErrorObject } from "ajv/dist/core.js";
import type { JsonObject, JsonValue } from "../chat/request.ts";
import { invalidField } from "../errors.ts";
import { runBounded } from "./run-bounded.ts";

/** What is wrong with a value, a short sentence each; empty where it is valid. */
export type SchemaCheck = (value: JsonValue) => readonly string[];

/** A schema comes with a request: larger ones cost more to compile than anybody's answer is worth. */
const mostCharacters = 100_000;
const mostProblems = 10;
/** For compiling a schema, and for looking at one answer: good ones need a hundredth of it. */
const patienceMs = 1000;

/**
 * Compiles a schema that a client sent; ajv is loaded with the first one. Formats are not looked at, as OpenAI does not
 * either where it does not know them. Throws `invalidField` (400) for one that is none, is too large, refers to others or,
 * when an answer is looked at, takes too long: patterns and alternatives can be written that take for ever.
 * @param param the field that holds it, in the wire's spelling
 */
export const compileSchema = async (schema: JsonObject, param: string): Promise<SchemaCheck> => {
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  // One for each schema: ajv would keep every schema that it has ever seen. With references written out, a schema would
  // grow with each level of them.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, inlineRefs: false, logger: false });
  const validate = orInvalid(param, () => {
    if (JSON.stringify(schema).length > mostCharacters) throw new Error(`it is larger than ${mostCharacters} characters`);
    const { $schema: _, ...plain } = schema;
    return ajv.compile(plain);
  });
  return (value) => (orInvalid(param, () => validate(value)) ? [] : (validate.errors ?? []).slice(0, mostProblems).map(describe));
};

/** Whatever a schema makes ajv fail with, such as nesting that overflows the stack, is the client's mistake. */
const orInvalid = <Result>(param: string, work: () => Result): Result => {
  try {
    return runBounded(work, patienceMs);
  } catch (cause) {
    const { code, message = "it is not valid" } = cause as { code?: string; message?: string };
    const reason = code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? "it takes too long: make its patterns, alternatives and references simpler" : message.slice(0, 300);
    throw invalidField(param, `The schema cannot be used: ${reason}.`);
  }
};

const describe = ({ instancePath, message = "is wrong", params }: ErrorObject): string => {
  const { additionalProperty, allowedValues } = params as { additionalProperty?: string; allowedValues?: readonly JsonValue[] };
  const detail = additionalProperty ?? (allowedValues === undefined ? undefined : JSON.stringify(allowedValues).slice(0, 200));
  return `${instancePath === "" ? "the value" : instancePath} ${message}${detail === undefined ? "" : ` (${detail})`}`;
};
