// `npm run generate`: what is made from llm-proxy.schema.json, in src/config/generated/, unless it is there and up to date.
//   validate.js    the schema compiled to plain code by ajv: loads in a fraction of the time that compiling takes
//   validate.d.ts  its type: a guard for AuthoredConfig
//   types.ts       AuthoredConfig: the file as a person may write it
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMain } from "./is-main.mjs";
import { plainShapes } from "./plain-shapes.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What editors read in the schema and ajv, which is strict about words it does not know, has no need of. */
const editorKeywords = [
  "defaultSnippets",
  "deprecationMessage",
  "doNotSuggest",
  "enumDescriptions",
  "errorMessage",
  "markdownDescription",
  "markdownEnumDescriptions",
  "patternErrorMessage",
  "suggestSortText",
];

/**
 * The validator as the text of an ES module: `export default` a function that gives true or false and leaves its findings in `.errors`.
 * ajv writes `require(…)` for its few helpers even when asked for a module; they become imports that work in Node and in rollup alike,
 * which differ in what the default import of a CommonJS module with `__esModule` is.
 * A finding carries the schema it comes from (`verbose`): its description, examples and messages are our words for it.
 */
const compileValidator = async (schema) => {
  const [{ Ajv }, { default: standalone }] = await Promise.all([import("ajv"), import("ajv/dist/standalone/index.js")]);
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    verbose: true,
    code: { source: true, esm: true },
  });
  ajv.addVocabulary(editorKeywords);
  const code = standalone.default(ajv, ajv.compile(schema));
  const imports = [];
  const body = code.replaceAll(/require\("([^"]+)"\)(\.default)?/g, (_, name, isDefault) => {
    const helper = `helper${imports.length}`;
    imports.push(`import ${helper} from "${name.startsWith("ajv/") ? `${name}.js` : name}";`);
    return isDefault ? `(${helper}.default ?? ${helper})` : helper;
  });
  if (/\brequire\(/.test(body))
    throw new Error("ajv wrote a require() that scripts/generate.mjs does not know how to turn into an import.");
  return `${imports.join("\n")}\n${body}\n`;
};

const validatorType = `import type { ErrorObject } from "ajv";
import type { AuthoredConfig } from "./types.ts";

/** Whether the data are a configuration by llm-proxy.schema.json; when not, \`errors\` holds every finding until the next call. */
declare const validate: { (data: unknown): data is AuthoredConfig; errors?: ErrorObject[] | null };
export default validate;
`;

/** The types of the authored file. Its root is called AuthoredConfig whatever title the schema shows in editors. */
const writeTypes = async (schema) => {
  const { compile } = await import("json-schema-to-typescript");
  return compile({ ...plainShapes(schema), title: "AuthoredConfig" }, "AuthoredConfig", {
    bannerComment: "",
    format: false,
    // A list that the schema wants filled is a list all the same: a tuple type would only ask for casts.
    ignoreMinAndMaxItems: true,
    strictIndexSignatures: true,
  });
};

/** A file is replaced in one step: a test or a build that runs beside this reads the old one or the new one, never half. */
const replaceFile = (path, content) => {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content);
  renameSync(draft, path);
};

/**
 * Makes the three files from the schema, unless those in `folder` were made from the same one by these same scripts.
 * Throws what ajv says of a schema that is not one.
 */
export const generate = async (
  schemaPath = join(root, "llm-proxy.schema.json"),
  folder = join(root, "src/config/generated"),
) => {
  const text = readFileSync(schemaPath, "utf8");
  const madeFrom = createHash("sha256")
    .update(text)
    .update(readFileSync(new URL(import.meta.url)))
    .update(readFileSync(new URL("plain-shapes.mjs", import.meta.url)))
    .digest("hex");
  const stamp = `// Made by scripts/generate.mjs from llm-proxy.schema.json; do not edit. ${madeFrom}\n`;
  const isCurrent = (name) =>
    existsSync(join(folder, name)) && readFileSync(join(folder, name), "utf8").startsWith(stamp);
  if (["types.ts", "validate.d.ts", "validate.js"].every(isCurrent)) return;
  const schema = JSON.parse(text);
  mkdirSync(folder, { recursive: true });
  replaceFile(join(folder, "types.ts"), stamp + (await writeTypes(schema)));
  replaceFile(join(folder, "validate.d.ts"), stamp + validatorType);
  replaceFile(join(folder, "validate.js"), stamp + (await compileValidator(schema)));
};

if (isMain(import.meta.url)) await generate();
