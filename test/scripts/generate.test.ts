import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { generate } from "../../scripts/generate.mjs";

const schema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "What editors show",
  type: "object",
  required: ["version"],
  additionalProperties: false,
  properties: {
    version: { const: 1, description: "The language's version.", markdownDescription: "**The** version." },
    name: { type: "string", minLength: 2 },
    ports: { type: "array", uniqueItems: true, items: { type: ["integer", "object"] } },
  },
};

const generating = suite<{ folder: string }>("scripts/generate", { folder: "" });

generating.before.each((context) => {
  // Inside the repository, because what is generated imports ajv's helpers.
  context.folder = mkdtempSync(join(process.cwd(), "node_modules/.generate-test-"));
});
generating.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const write = (folder: string, content: object): string => {
  const path = join(folder, "schema.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
};

generating("makes a validator that Node imports as it is, helpers and all", async ({ folder }) => {
  await generate(write(folder, schema), folder);
  const { default: validate } = (await import(pathToFileURL(join(folder, "validate.js")).href)) as {
    default: ((data: unknown) => boolean) & { errors?: { keyword: string; instancePath: string }[] | null };
  };
  assert.is(validate({ version: 1, name: "ab", ports: [1, 2] }), true);
  // One code point that is two UTF-16 units long: counted by ajv's helper, not by .length.
  assert.is(validate({ version: 2, name: "😀", ports: [{ a: 1 }, { a: 1 }], more: 1 }), false);
  assert.equal(validate.errors?.map(({ keyword, instancePath }) => `${instancePath} ${keyword}`).toSorted(), [
    " additionalProperties",
    "/name minLength",
    "/ports uniqueItems",
    "/version const",
  ]);
});

generating("calls the type of the file AuthoredConfig, with the schema's words at each field", async ({ folder }) => {
  await generate(write(folder, schema), folder);
  const types = readFileSync(join(folder, "types.ts"), "utf8");
  assert.match(
    types,
    /export interface AuthoredConfig \{\n\/\*\*\n \* The language's version\.\n \*\/\nversion: 1\nname\?: string\n/,
  );
});

generating("makes nothing anew while the schema is the same, and all when it is not", async ({ folder }) => {
  const path = write(folder, schema);
  await generate(path, folder);
  const made = (): number[] =>
    ["types.ts", "validate.d.ts", "validate.js"].map((name) => statSync(join(folder, name)).ino);
  const first = made();
  await generate(path, folder);
  assert.equal(made(), first);
  write(folder, { ...schema, required: [] });
  await generate(path, folder);
  assert.ok(made().every((inode, index) => inode !== first[index]));
});

generating(
  "refuses a word that neither ajv nor an editor knows: a misspelt rule would not be enforced",
  async ({ folder }) => {
    const path = write(folder, { ...schema, requried: ["version"] });
    try {
      await generate(path, folder);
    } catch (error) {
      assert.match(String(error), 'unknown keyword: "requried"');
      return;
    }
    assert.unreachable("it was accepted");
  },
);

generating.run();
