// runner: needs dist
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import { suite } from "uvu";
import * as assert from "uvu/assert";

/** Opening a window loads the entry whether or not anything is to be served; all of the bundle is two megabytes. */
const maxEntryBytes = 100_000;

/** Loads the extension as the editor does, with an editor in which everything is there and nothing happens; gives the bytes it read. */
const loadEntry = `
const { statSync } = require("node:fs");
const Module = require("node:module");
const anything = new Proxy(function () {}, { get: () => anything, apply: () => anything, construct: () => anything });
const load = Module._load;
Module._load = (id, ...rest) => (id === "vscode" ? anything : load(id, ...rest));
const { activate, deactivate } = require("./dist/extension.cjs");
const bytes = Object.keys(require.cache).map((path) => statSync(path).size).reduce((sum, size) => sum + size, 0);
process.stdout.write(JSON.stringify({ bytes, exports: [typeof activate, typeof deactivate] }));
`;

const chunks = readdirSync("dist").filter((name) => name.endsWith(".cjs"));

const bundle = suite("scripts/bundle");

bundle("activation loads a small file; the rest waits until it is needed", () => {
  const { bytes, exports } = JSON.parse(execFileSync(process.execPath, ["-e", loadEntry], { encoding: "utf8" })) as {
    bytes: number;
    exports: string[];
  };
  assert.equal(exports, ["function", "function"]);
  assert.ok(
    bytes < maxEntryBytes,
    `${bytes} bytes are loaded at activation: find the import that should be an import()`,
  );
});

bundle("needs nothing but Node and the editor", () => {
  const builtins = builtinModules.flatMap((name) => [name, `node:${name}`]);
  // ws tries the first two and does without; listhen's development server, which is never started, would watch files with the third.
  const optional = ["bufferutil", "utf-8-validate", "@parcel/watcher", "node:sqlite"];
  const known = new Set(["vscode", ...builtins, ...optional, ...chunks.map((name) => `./${name}`)]);
  const wanted = chunks.flatMap((chunk) =>
    [...readFileSync(`dist/${chunk}`, "utf8").matchAll(/(?<!['"`])\brequire\("([^"]+)"\)/g)].map(
      ([, name]) => `${chunk}: ${name}`,
    ),
  );
  assert.ok(wanted.length > 10, "the requires were found");
  assert.equal(
    wanted.filter((line) => !known.has(line.replace(/^.*: /, ""))),
    [],
  );
});

bundle("the command's entry is the source as it was written", () => {
  assert.is(readFileSync("dist/cli.cjs", "utf8"), readFileSync("src/cli.cjs", "utf8"));
});

bundle("the licences of what is bundled come with it, and ask for no more than that", () => {
  const notices = readFileSync("dist/third-party-notices.txt", "utf8");
  const licences = [...notices.matchAll(/^(@?[\w./-]+) \d+\.\d+\.\d+\S* \((.+)\)$/gm)].map(([, name, licence]) => [
    name,
    licence,
  ]);
  assert.ok(licences.some(([name]) => name === "h3"));
  const usual = [
    "MIT",
    "ISC",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "(BSD-3-Clause OR GPL-2.0)",
    "BlueOak-1.0.0",
    "0BSD",
  ];
  assert.equal(
    licences.filter(([, licence]) => !usual.includes(licence ?? "none")),
    [],
  );
});

bundle("is published with the schema and the papers, and nothing else", () => {
  const npm = process.env["npm_execpath"] ?? assert.unreachable("run the tests by `npm test`");
  const listing = execFileSync(process.execPath, [npm ?? "", "pack", "--dry-run", "--json", "--ignore-scripts"], {
    encoding: "utf8",
  });
  const [{ files }] = JSON.parse(listing) as [{ files: { path: string }[] }];
  const others = files.map(({ path }) => path).filter((path) => !/^dist\/[\w-]+\.cjs$/.test(path));
  assert.equal(others.toSorted(), [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "dist/third-party-notices.txt",
    "icon.png",
    "llm-proxy.schema.json",
    "package.json",
  ]);
});

bundle.run();
