import type { ErrorObject } from "ajv";
import validateData from "./generated/validate.js";
import type { AuthoredConfig } from "./generated/types.ts";
import type { ParsedFile } from "./parse.ts";
import { maxProblems, type Path, type Problem } from "./problem.ts";
import { schemaWords, type Finding } from "./schema-words.ts";

export type Validated =
  | { readonly authored: AuthoredConfig }
  /** At least one; all are errors. */
  | { readonly problems: readonly Problem[] };

/** Compares a file's data with llm-proxy.schema.json. Fills in nothing: what a route inherits comes before any default. */
export const validate = (file: ParsedFile): Validated => {
  const { data } = file;
  if (validateData(data)) return { authored: data };
  const findings = (validateData.errors ?? []).filter(isFinding).map((error) => ({ error, path: pathOf(error.instancePath, data) }));
  return { problems: withoutEchoes(findings).slice(0, maxProblems).map((finding) => toProblem(finding, file)) };
};

/** `if` says that a branch failed, `propertyNames` that a name did; the branch and the name say it themselves. */
const isFinding = ({ keyword }: ErrorObject): boolean => keyword !== "if" && keyword !== "propertyNames";

/** A value of the wrong type fails in every branch for its shape: the first finding, the outermost, knows all types that fit. */
const withoutEchoes = (findings: readonly Finding[]): readonly Finding[] => {
  const mistyped = new Map<string, Finding>();
  for (const finding of findings) {
    if (finding.error.keyword === "type" && !mistyped.has(finding.error.instancePath)) mistyped.set(finding.error.instancePath, finding);
  }
  return findings.filter((finding) => (mistyped.get(finding.error.instancePath) ?? finding) === finding);
};

const toProblem = (finding: Finding, file: ParsedFile): Problem => {
  const { error, path } = finding;
  const named = nameAtFault(error);
  const fullPath = named === undefined ? path : [...path, named];
  const isShownByName = named !== undefined || typeof error.data === "object" || error.keyword === "required";
  return {
    severity: "error",
    ...schemaWords(finding, file),
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
