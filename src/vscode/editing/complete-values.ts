import type { Path } from "../../config/problem.ts";
import { definitionAt, isA, partsAt } from "../../config/schema.ts";
import { writeValue } from "../../config/write-value.ts";
import type { Completion } from "./completion.ts";
import type { Cursor } from "./cursor.ts";
import { explain } from "./explain.ts";
import { namesIn } from "./names.ts";
import { describeModel, shortName, type Offer, type OfferedModel } from "./offer.ts";
import { roleAt, type Role } from "./roles.ts";

/** Values that can stand at the cursor: what the file and the window have by that name, else what the schema says. */
export const valuesAt = (cursor: Cursor, offer: Offer): readonly Completion[] => {
  const { path } = cursor;
  const role = roleAt(path);
  if (role !== undefined) return roleItems(role, cursor, offer);
  const items = roleAt([...path, 0]);
  // On a line of its own a list begins with a dash, on the line of its name with a bracket.
  if (items !== undefined && path.at(-1) !== "targets" && definitionAt(path)?.type === "array") return roleItems(items, { ...cursor, siblings: [] }, offer).map((item) => asList(item, cursor));
  if (cursor.kind === "value") return literalItems(path, cursor);
  // Below its name, what stands between brackets elsewhere is written line by line.
  if (definitionAt(path)?.type === "array") return literalItems([...path, 0], cursor).map((item) => asList(item, cursor));
  return definitionAt(path)?.type === "object" ? [] : literalItems(path, cursor);
};

const asList = (item: Completion, { kind }: Cursor): Completion =>
  (kind === "either" ? { ...item, insert: `- ${item.insert}` } : { ...item, insert: `[ ${item.insert} ]` });

/** Values that the schema names: all that there are, or the default and examples. */
const literalItems = (path: Path, { siblings }: Cursor): readonly Completion[] => {
  const definition = definitionAt(path);
  const parts = partsAt(path);
  const all = parts.flatMap((part) => [...part.enum ?? [], ...(part.const === undefined ? [] : [part.const]), ...(part.type === "boolean" ? [true, false] : [])]);
  const isOpen = all.length === 0 || parts.some(({ type, pattern }) => pattern !== undefined || [type ?? []].flat().includes("object"));
  const examples = parts.filter((part) => part === definition || isA("duration", definition ?? {})).flatMap((part) => part.examples ?? []);
  const values = [...(definition?.default === undefined ? [] : [definition.default]), ...(isOpen ? [...examples, ...all] : all)];
  const isDefault = (value: unknown): boolean => JSON.stringify(value) === JSON.stringify(definition?.default);
  return values.filter((value) => !siblings.includes(String(value))).map((value) => ({
    label: writeValue(value), kind: "value", insert: writeValue(value), ...(isDefault(value) ? { detail: "default" } : all.some((known) => known === value) ? {} : { detail: "example" }), ...(definition && { documentation: explain(definition) }),
  }));
};

const roleItems = (role: Role, cursor: Cursor, offer: Offer): readonly Completion[] => {
  const { path, root, siblings } = cursor;
  switch (role) {
    case "alias": case "key": case "listener": case "upstream": {
      const names = namesIn(root).filter(({ kind, isDeclaration }) => isDeclaration && kind === role).map(({ name }) => name);
      return names.filter((name) => !siblings.includes(name)).map((name) => ({ label: name, kind: "name", insert: writeValue(name), detail: role }));
    }
    case "target":
      return targetItems(offer.models, siblings);
    case "secret":
      return secretItems(offer);
    default:
      return modelItems(role, siblingsOf(path, root), offer.models);
  }
};

const targetItems = (models: readonly OfferedModel[], siblings: readonly string[]): readonly Completion[] => {
  const named = models.map((model): Completion => ({ label: shortName(model, models), kind: "model", insert: writeValue(shortName(model, models)), detail: describeModel(model) }));
  const whole = [...new Set(models.map(({ vendor }) => vendor))].map((vendor): Completion => ({ label: `${vendor}/*`, kind: "model", insert: `${vendor}/*`, detail: "the model that the client names" }));
  const echo: Completion = { label: "{ echo: {} }", kind: "value", insert: "{ echo: {} }", detail: "the embedded model, for a first try" };
  return [...named, ...whole, echo].filter(({ label }) => !siblings.includes(label));
};

/** The names that the models which fit the rest of the selector have. */
const modelItems = (field: "vendor" | "family" | "version" | "id", selector: Readonly<Record<string, unknown>>, models: readonly OfferedModel[]): readonly Completion[] => {
  const fits = (model: OfferedModel): boolean => (["vendor", "family", "version", "id"] as const).every((name) => name === field || typeof selector[name] !== "string" || selector[name].includes("*") || model[name] === selector[name]);
  return models.filter(fits).map((model) => ({ label: model[field], kind: "model", insert: writeValue(model[field]), ...(field === "vendor" ? {} : { detail: describeModel(model) }) }));
};

const siblingsOf = (path: Path, root: Cursor["root"]): Readonly<Record<string, unknown>> =>
  path.slice(0, -1).reduce<unknown>((data, step) => (data as Readonly<Record<string | number, unknown>> | undefined)?.[step], root.data) as Readonly<Record<string, unknown>> | undefined ?? {};

const secretItems = ({ secrets, variables }: Offer): readonly Completion[] => [
  ...secrets.map((name): Completion => ({ label: `\${secret:${name}}`, kind: "secret", insert: `"\${secret:${name}}"`, detail: "kept by this editor" })),
  ...variables.toSorted((a, b) => Number(looksSecret(b)) - Number(looksSecret(a))).map((name): Completion => ({ label: `\${env:${name}}`, kind: "secret", insert: `"\${env:${name}}"`, detail: "set in the environment" })),
];

const looksSecret = (name: string): boolean => /KEY|TOKEN|SECRET/.test(name);
