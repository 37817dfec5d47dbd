import type { ErrorObject } from "ajv";
import validateData from "./generated/validate.js";
import { withFixes } from "./fix.ts";
import type { AuthoredConfig } from "./generated/types.ts";
import type { ParsedFile } from "./parse.ts";
import { maxProblems, type Path, type Problem } from "./problem.ts";
import type { Schema } from "./schema.ts";
import { schemaFixes } from "./schema-fixes.ts";
import { meantProperty, schemaWords, type Finding } from "./schema-words.ts";

export type Validated =
  | { readonly authored: AuthoredConfig }
  /** At least one; all are errors. */
  | { readonly problems: readonly Problem[] };

/** Compares a file's data with llm-proxy.schema.json. Fills in nothing: what a route inherits comes before any default. */
export const validate = (file: ParsedFile): Validated => {
  const { data } = file;
  if (validateData(data)) return { authored: data };
  const errors = withoutEchoes((validateData.errors ?? []).filter(isFinding)).slice(0, maxProblems);
  return { problems: errors.map((error) => toProblem({ error, path: pathOf(error.instancePath, data) }, file)) };
};

/** `if` says that a branch failed, `propertyNames` that a name did; the branch and the name say it themselves. */
const isFinding = ({ keyword }: ErrorObject): boolean => keyword !== "if" && keyword !== "propertyNames";

/** Without what others explain: one slip is one problem. */
const withoutEchoes = (errors: readonly ErrorObject[]): readonly ErrorObject[] => {
  const mistyped = new Map<string, ErrorObject>();
  const misspelt = new Set<string>();
  for (const error of errors) {
    if (error.keyword === "type" && !mistyped.has(error.instancePath)) mistyped.set(error.instancePath, error);
    if (error.keyword === "additionalProperties") misspelt.add(`${error.instancePath} ${meantBy(error) ?? ""}`);
  }
  return errors.filter((error) => {
    // A value of the wrong type fails in every branch for its shape: the outermost finding knows all types that fit.
    if ((mistyped.get(error.instancePath) ?? error) !== error) return false;
    return error.keyword !== "required" || !misspelt.has(`${error.instancePath} ${(error.params as { missingProperty: string }).missingProperty}`);
  });
};

const meantBy = ({ params, parentSchema, data }: ErrorObject): string | undefined =>
  meantProperty((params as { additionalProperty: string }).additionalProperty, parentSchema as Schema, data as object);

const toProblem = (finding: Finding, file: ParsedFile): Problem => {
  const { error, path } = finding;
  const named = nameAtFault(error);
  const fullPath = named === undefined ? path : [...path, named];
  const isShownByName = named !== undefined || typeof error.data === "object" || error.keyword === "required";
  return {
    severity: "error",
    ...schemaWords(finding, file),
    ...withFixes(schemaFixes(finding, file)),
    path: fullPath,
    range: isShownByName ? file.keyRange(fullPath) : file.valueRange(fullPath),
  };
};

/** The name in a mapping that is refused, where it is the name and not the mapping. */
const nameAtFault = (error: ErrorObject): string | undefined => {
  if (error.propertyName !== undefined) return error.propertyName;
  return error.keyword === "additionalProperties" ? (error.params as { additionalProperty: string }).additionalProperty : undefined;
};

/** ajv's JSON pointer with the positions in lists as numbers. */
const pathOf = (pointer: string, data: unknown): Path => {
  let here = data;
  return pointer.split("/").slice(1).map((escaped) => {
    const step = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    const isIndex = Array.isArray(here);
    here = (here as Readonly<Record<string, unknown>>)[step];
    return isIndex ? Number(step) : step;
  });
};
