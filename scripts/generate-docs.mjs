// `npm run generate-docs`: docs/reference/configuration.md from llm-proxy.schema.json, the one description of the language.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { isMain } from "./is-main.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
export const referencePath = join(root, "docs/reference/configuration.md");

const introduction = `# Every property of \`.llmproxy.yaml\`

Made from [llm-proxy.schema.json](../../llm-proxy.schema.json) by \`npm run generate-docs\`; do not edit. Whole files to copy are in
[examples/](../../examples).

- The file is YAML 1.2. An unknown property is an error; top-level names that start with \`x-\` are free for your own use, such as
  values that anchors and \`<<\` merges repeat.
- A **duration** is \`0\` or a whole number with \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`. A **size** is a number of bytes, alone or with \`KiB\`,
  \`MiB\` or \`GiB\`.
- A **reference** says where a secret is: \`"\${env:NAME}"\` in the environment, \`"\${secret:name}"\` in the editor's secret storage (in a
  terminal: the environment variable \`LLM_PROXY_SECRET_NAME\`, dashes as underscores), \`"\${file:path}"\` in a file of the same folder.
  A secret itself is never accepted. One that is unset is a warning: that key matches nobody.
- A value that is left empty (\`routes:\` and nothing after it) is an error, so that a half-written file is never deployed.
`;

/** Definitions that the introduction explains, by the word that stands for them in the tables. */
const explained = new Set(["duration", "size", "reference"]);

/** docs/reference/configuration.md as text. */
export const renderReference = (schema) => {
  const definitionOf = (part) =>
    part.$ref === undefined ? part : schema.definitions[part.$ref.slice("#/definitions/".length)];
  const sections = new Map();
  collectSections(schema, "", definitionOf, sections);
  const places = [...sections.values()].map(({ place }) => place);
  const isShared = (place) => places.indexOf(place) !== places.lastIndexOf(place);
  const rendered = [...sections.values()].map((section) => renderSection(section, isShared(section.place), definitionOf));
  return [introduction, ...rendered].join("\n");
};

/** Every mapping with properties, at the first place where it may stand. */
const collectSections = (part, place, definitionOf, sections) => {
  const { properties = {}, items, additionalProperties } = part;
  if (part.properties !== undefined && !sections.has(part)) sections.set(part, { part, place });
  for (const [name, property] of Object.entries(properties)) {
    collectSections(definitionOf(property), place === "" ? name : `${place}.${name}`, definitionOf, sections);
  }
  if (typeof additionalProperties === "object") {
    collectSections(definitionOf(additionalProperties), `${place}.<name>`, definitionOf, sections);
  }
  // One before a list of such: what may stand in both is shown at the simpler place.
  for (const branch of [part.else, part.then, ...(part.allOf ?? [])]) {
    if (branch !== undefined) collectSections(definitionOf(branch), place, definitionOf, sections);
  }
  if (items !== undefined) collectSections(definitionOf(items), `${place}[]`, definitionOf, sections);
};

/** @param isShared another shape may stand in the same place: what this one cannot do without tells it apart */
const renderSection = ({ part, place }, isShared, definitionOf) => {
  const shape = isShared && part.required !== undefined ? ` with \`${part.required.join("`, `")}\`` : "";
  const rows = Object.entries(part.properties).map(([name, property]) => renderRow(name, property, part, definitionOf));
  return [
    `## ${place === "" ? "The file" : `\`${place}\`${shape}`}`,
    "",
    cell(part.description),
    "",
    "| Property | Value | Default | |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
};

const renderRow = (name, property, parent, definitionOf) => {
  const definition = definitionOf(property);
  const isRequired = parent.required?.includes(name) === true;
  const fallback = "default" in definition ? code(definition.default) : isRequired ? "required" : "";
  const examples = definition.examples.map((example) => code(example)).join(" or ");
  return `| \`${name}\` | ${kindOf(property, definitionOf)} | ${fallback} | ${cell(definition.description)} For example ${examples}. |`;
};

/** What each type is called, alone and in a list. */
const kindNames = {
  string: ["text", "texts"],
  integer: ["a whole number", "whole numbers"],
  number: ["a number", "numbers"],
  boolean: ["`true` or `false`", "`true` or `false`"],
  array: ["a list", "lists"],
  object: ["a mapping", "mappings"],
};

/** What may be written, in a few words. @param form 0 for one, 1 for what a list holds */
const kindOf = (part, definitionOf, form = 0) => {
  const name = part.$ref?.slice("#/definitions/".length);
  if (explained.has(name)) return form === 0 ? `a ${name}` : `${name}s`;
  const definition = definitionOf(part);
  if (definition.allOf !== undefined) return kindOf(definition.allOf[0], definitionOf, form);
  if (definition.const !== undefined) return code(definition.const);
  if (definition.enum !== undefined) return listed(definition.enum.map((value) => code(value)));
  if (definition.items !== undefined) return `${kindNames.array[form]} of ${kindOf(definition.items, definitionOf, 1)}`;
  if (typeof definition.additionalProperties === "object") {
    return `${kindNames.object[form]} of names to ${kindOf(definition.additionalProperties, definitionOf, 1)}`;
  }
  return listed([definition.type].flat().flatMap((type) => kindOfType(type, definition, form)));
};

/** One of several types; where a schema tells its texts one by one, those. */
const kindOfType = (type, { if: test, then: branch }, form) =>
  test?.type === type && branch?.enum !== undefined
    ? branch.enum.map((value) => code(value))
    : [kindNames[type][form]];

const listed = (kinds) => (kinds.length < 2 ? kinds.join("") : `${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}`);

/** A value as it would stand in the file. A long one is cut into lines nowhere else, so it is flow style. */
const code = (value) => {
  const text =
    typeof value === "string" && value.includes("${")
      ? JSON.stringify(value)
      : stringify(value, null, { collectionStyle: "flow", lineWidth: 0 }).trim();
  return `\`${text.replaceAll("|", "\\|")}\``;
};

/** Text of the schema inside a table of Markdown. */
const cell = (text) => text.replaceAll(/[|*]/g, "\\$&").replaceAll("<", "&lt;");

if (isMain(import.meta.url)) {
  writeFileSync(referencePath, renderReference(JSON.parse(readFileSync(join(root, "llm-proxy.schema.json"), "utf8"))));
}
