import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "../../src/config/parse.ts";
import { placesOf, propertyNames } from "../../src/config/schema.ts";
import { caseNames, readExpected } from "./cases.ts";

/** Every property with each place that it may stand at: `listeners.<name>.host`, `routes[].timeout.total`. */
const properties = propertyNames.flatMap((name) => placesOf(name).map((place) => (place === "" ? name : `${place}.${name}`)));

type Step = string | number;

/** Where a value of a file stands, in the words of `properties`: names of the user's choice are `<name>`. */
const placeOf = (path: readonly Step[]): string | undefined => {
  const known = new Set(properties);
  let place = "";
  for (const step of path) {
    const under = typeof step === "number" ? [`${place}[]`] : [place === "" ? step : `${place}.${step}`, `${place}.<name>`];
    const found = under.find((candidate) => [...known].some((property) => property === candidate || property.startsWith(`${candidate}.`) || property.startsWith(`${candidate}[`)));
    if (found === undefined) return place === "" ? undefined : place;
    place = found;
  }
  return place;
};

/** Every place at which a file has a value. */
const placesIn = (data: unknown, path: readonly Step[] = []): readonly string[] => {
  const own = placeOf(path);
  const entries: readonly (readonly [Step, unknown])[] = Array.isArray(data) ? [...data.entries()] : typeof data === "object" && data !== null ? Object.entries(data) : [];
  return [...own === undefined ? [] : [own], ...entries.flatMap(([step, value]) => placesIn(value, [...path, step]))];
};

/** `listeners."two words".ports[1]` -> its steps. */
const stepsOf = (rendered: string): readonly Step[] =>
  [...rendered.matchAll(/\[(\d+)\]|"((?:[^"\\]|\\.)*)"|([^.[\]]+)/g)].map(([, index, quoted, plain]) => (index === undefined ? quoted ?? plain ?? "" : Number(index)));

interface Expected {
  readonly config?: unknown;
  readonly problems?: readonly { readonly path?: string }[];
}

const used = new Set<string>();
const refused = new Set<string>();
for (const name of caseNames) {
  const { config, problems = [] } = readExpected(name) as Expected;
  for (const { path } of problems) {
    const place = path === undefined ? undefined : placeOf(stepsOf(path));
    if (place !== undefined) refused.add(place);
  }
  if (config === undefined) continue;
  const parsed = parse(readFileSync(new URL(`cases/${name}.yaml`, import.meta.url), "utf8"));
  if ("file" in parsed) for (const place of placesIn(parsed.file.data)) used.add(place);
}

const cases = suite("config/coverage");

cases("every property stands in a file that is valid, at each of its places", () => {
  assert.ok(properties.length > 60);
  assert.equal(properties.filter((property) => !used.has(property)), []);
});

cases("every property is got wrong in a file, at each of its places", () => {
  assert.equal(properties.filter((property) => !refused.has(property)), []);
});

cases.run();
