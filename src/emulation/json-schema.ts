import type { ErrorObject } from "ajv/dist/core.js";
import type { RegExpEngine } from "ajv/dist/types/index.js";
import type { JsonObject, JsonValue } from "../chat/request.ts";
import { invalidField } from "../errors.ts";
import { createBoundedRegExp } from "./bounded-reg-exp.ts";

/** What is wrong with a value, a short sentence each; empty where it is valid. */
export type SchemaCheck = (value: JsonValue) => readonly string[];

/** A schema comes with a request: larger ones cost more to compile than anybody's answer is worth. */
const mostCharacters = 200_000;
const mostProblems = 10;

/**
 * Compiles a schema that a client sent; ajv is loaded with the first one. Formats are not looked at, as OpenAI does not
 * either where it does not know them. Throws `invalidField` (400) for one that is none, is too large or refers to others.
 * @param param the field that holds it, in the wire's spelling
 */
export const compileSchema = async (schema: JsonObject, param: string): Promise<SchemaCheck> => {
  if (JSON.stringify(schema).length > mostCharacters) throw invalidField(param, `The schema is larger than ${mostCharacters} characters.`);
  const { Ajv2020 } = await import("ajv/dist/2020.js");
  // One for each schema: ajv would keep every schema that it has ever seen.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, logger: false, code: { regExp } });
  try {
    const { $schema: _, ...plain } = schema;
    const validate = ajv.compile(plain);
    return (value) => (validate(value) ? [] : (validate.errors ?? []).slice(0, mostProblems).map(describe));
  } catch (cause) {
    throw invalidField(param, `The schema cannot be used: ${cause instanceof Error ? cause.message.slice(0, 300) : "it is not valid"}`);
  }
};

const describe = ({ instancePath, message = "is wrong", params }: ErrorObject): string => {
  const { additionalProperty, allowedValues } = params as { additionalProperty?: string; allowedValues?: readonly JsonValue[] };
  const detail = additionalProperty ?? (allowedValues === undefined ? undefined : JSON.stringify(allowedValues).slice(0, 200));
  return `${instancePath === "" ? "the value" : instancePath} ${message}${detail === undefined ? "" : ` (${detail})`}`;
};

const regExp: RegExpEngine = Object.assign(createBoundedRegExp, { code: "createBoundedRegExp" });
