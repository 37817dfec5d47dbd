import { readDraft } from "../../config/draft.ts";
import { createPositions, isWithin, type Range } from "../../config/positions.ts";
import { renderPath } from "../../config/problem.ts";
import { definitionAt } from "../../config/schema.ts";
import { code, escapeMarkdown, explain } from "./explain.ts";
import { namesIn } from "./names.ts";
import { describeModel, type OfferedModel } from "./offer.ts";
import { placesIn, type Place } from "./places.ts";
import { roleAt } from "./roles.ts";

export interface Hover {
  /** Markdown. */
  readonly text: string;
  readonly range: Range;
}

/** Says what stands at an offset: what the language says of it and, for a model, what this window has by that name. */
export const hoverAt = (text: string, offset: number, models: readonly OfferedModel[]): Hover | undefined => {
  const draft = readDraft(text);
  if (draft === undefined) return undefined;
  const position = createPositions(text)(offset).start;
  const hits = [...placesIn(draft.root)].flatMap((place): readonly Hit[] => {
    const range = shownRange(place, (candidate) => isWithin(position, candidate));
    return range === undefined ? [] : [{ place, range }];
  });
  // The innermost; behind an anchor, where it is used and the language knows it.
  const hit = hits.findLast(({ place: { path } }) => definitionAt(path) !== undefined);
  return hit && { range: hit.range, text: describe(hit.place, draft.root, models) };
};

interface Hit {
  readonly place: Place;
  readonly range: Range;
}

/** A name, or a value without names of its own. */
const shownRange = ({ keyRange, value }: Place, isHere: (range: Range) => boolean): Range | undefined => {
  if (keyRange !== undefined && isHere(keyRange)) return keyRange;
  return value.written !== undefined && value.written !== "" && isHere(value.range) ? value.range : undefined;
};

const describe = ({ path, value }: Place, root: Place["value"], models: readonly OfferedModel[]): string => [
  `**${escapeMarkdown(renderPath(path))}**`,
  ...targetLines(path, value, models),
  ...declaredLines(path, value, root),
  explain(definitionAt(path) ?? {}),
].join("\n\n");

/** What a target means in this window. Nothing is said before the window has told its models. */
const targetLines = (path: Place["path"], value: Place["value"], models: readonly OfferedModel[]): readonly string[] => {
  if (roleAt(path) !== "target" || typeof value.data !== "string" || value.data.includes("*") || models.length === 0) return [];
  const slash = value.data.indexOf("/");
  const [vendor, name] = slash < 0 ? [undefined, value.data] : [value.data.slice(0, slash), value.data.slice(slash + 1)];
  const ofVendor = models.filter((model) => vendor === undefined || model.vendor === vendor);
  const byFamily = ofVendor.filter(({ family }) => family === name);
  const meant = byFamily.length > 0 ? byFamily : ofVendor.filter(({ id }) => id === name);
  if (meant.length === 0) return ["This window has no such model."];
  return [`Here: ${meant.map((model) => `${escapeMarkdown(describeModel(model))} (\`${model.vendor}/${model.id}\`)`).join(" or ")}`];
};

/** What a name stands for that is declared elsewhere in the file. */
const declaredLines = (path: Place["path"], value: Place["value"], root: Place["value"]): readonly string[] => {
  const role = roleAt(path);
  const declaration = namesIn(root).find(({ kind, name, isDeclaration }) => isDeclaration && kind === role && name === value.data);
  // What a key holds is nobody's to see.
  if (declaration === undefined || role === "key") return [];
  const declared = [...placesIn(root)].find((place) => place.keyRange !== undefined && place.path.join("\n") === declaration.path.join("\n"));
  return declared === undefined ? [] : [`Declared as ${code(declared.value.data)}`];
};
