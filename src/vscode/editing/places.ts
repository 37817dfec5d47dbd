import type { Range } from "../../config/positions.ts";
import type { Path } from "../../config/problem.ts";
import type { Tree } from "../../config/tree.ts";

/** One value of a file, with the name it stands under. */
export interface Place {
  readonly path: Path;
  /** Absent for items of a list and the file as a whole. */
  readonly keyRange?: Range;
  readonly value: Tree;
}

/** Every value of a file, outermost first. What an alias or a merge repeats comes again under each path that leads to it. */
export function* placesIn(value: Tree, path: Path = [], keyRange?: Range): Generator<Place> {
  yield { path, value, ...(keyRange && { keyRange }) };
  for (const [index, item] of value.items?.entries() ?? []) yield* placesIn(item, [...path, index]);
  for (const [name, entry] of value.entries ?? []) yield* placesIn(entry.value, [...path, name], entry.keyRange);
}
