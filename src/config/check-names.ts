import { nearestNames } from "../nearest.ts";
import { quoted, type Path } from "./problem.ts";
import type { Report } from "./report.ts";

/** What the names stand for, and where in the file it is declared. */
export interface NameWords {
  readonly kind: string;
  readonly place: string;
}

/** Reports every name of the list at `path` that is not `known`, with the one that was probably meant. */
export const checkNames = (names: readonly string[], path: Path, known: readonly string[], { kind, place }: NameWords, report: Report): void => {
  for (const [index, name] of names.entries()) {
    if (known.includes(name)) continue;
    const [nearest] = nearestNames(name, known, 1);
    const hint = nearest === undefined ? `Add ${name} under ${place} at the top of the file.` : `Did you mean ${nearest}?`;
    report.value("error", [...path, index], `No ${kind} is named ${quoted(name)}.`, hint);
  }
};
