import type { Range } from "./positions.ts";
import type { Path } from "./problem.ts";

/** A change of a file that does away with a problem. */
export interface Fix {
  /** What it does, as an editor offers it: `Change to models`. Never a secret. */
  readonly title: string;
  /** None overlaps another. */
  readonly edits: readonly Edit[];
  /**
   * The edits put a reference in the place of a secret: before they are made, what stands at `path` is to be kept under
   * `name`. Only an editor can.
   */
  readonly keeps?: { readonly path: Path; readonly name: string };
  /** Instead of an edit: the secret that is to be given its value. Only an editor can. */
  readonly sets?: string;
}

/** Another text for what stands at a range; an empty range is a place to insert at. */
export interface Edit {
  readonly range: Range;
  readonly text: string;
}

/** What a problem has besides its words: nothing, rather than an empty list, where there is no fix. */
export const withFixes = (fixes: readonly (Fix | undefined)[]): { readonly fixes?: readonly Fix[] } => {
  const known = fixes.filter((fix) => fix !== undefined);
  return known.length === 0 ? {} : { fixes: known };
};

/** The fix that one edit is, or nothing where the edit cannot be made. */
export const fixBy = (title: string, edit: Edit | undefined): Fix | undefined => (edit === undefined ? undefined : { title, edits: [edit] });

/** The text with all edits made. @param offsetAt turns a position of the text into an offset */
export const applyEdits = (text: string, edits: readonly Edit[], offsetAt: (position: Range["start"]) => number): string =>
  edits
    .toSorted((a, b) => offsetAt(b.range.start) - offsetAt(a.range.start))
    .reduce((changed, { range, text: replacement }) => changed.slice(0, offsetAt(range.start)) + replacement + changed.slice(offsetAt(range.end)), text);
