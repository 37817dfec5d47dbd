// `npm run package` -> dist/llm-proxy.vsix, what `code --install-extension` takes. Builds first where dist/ is stale.
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const vsix = "dist/llm-proxy.vsix";
const maxBytes = 1_000_000;

/**
 * Chunks that only a terminal needs. The vocabulary of the tokenizer is larger than all the rest together, and where the
 * editor runs, its models count.
 */
const leftOut = ["dist/o200k_base.cjs", "dist/cli.cjs", "dist/headless.cjs"];

/** What only an editor reads: its words in every language, pictures, and what keeps another extension from saying everything twice. */
const editorFiles = ["package.nls*.json", "l10n/*.json", "media/*.png", "src/vscode/editing/yaml-extension.schema.json"];

const run = (command, cwd) => {
  const { status } = spawnSync(process.execPath, command, { cwd, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};

run(["scripts/build.mjs", "--if-stale"], root);

// A copy of what is packaged, because the npm package has the same list of files and needs all of them.
const stage = join(root, ".cache/package");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
rmSync(stage, { recursive: true, force: true });
const files = [...manifest.files, ...editorFiles];
for (const file of globSync(files, { cwd: root })) {
  if (leftOut.includes(file.replaceAll("\\", "/"))) continue;
  mkdirSync(dirname(join(stage, file)), { recursive: true });
  cpSync(join(root, file), join(stage, file));
}
const { scripts: _scripts, bin: _bin, devDependencies: _packages, ...packaged } = manifest;
writeFileSync(join(stage, "package.json"), `${JSON.stringify({ ...packaged, files }, undefined, 2)}\n`);

// All that runs is in the bundle, so no dependency is packaged.
const vsce = join(root, "node_modules/@vscode/vsce/vsce");
run([vsce, "package", "--no-dependencies", "--out", join(root, vsix)], stage);

const { size } = statSync(join(root, vsix));
if (size > maxBytes) {
  process.stderr.write(
    `${vsix} has ${size} bytes, over the ${maxBytes} it may have: see in .cache/package what grew.\n`,
  );
  process.exit(1);
}
process.stdout.write(`${vsix}: ${Math.round(size / 1000)} kB\n`);
