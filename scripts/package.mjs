// `npm run package` -> dist/llm-proxy.vsix, what `code --install-extension` takes. Builds first, by the vscode:prepublish script.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const vsix = "dist/llm-proxy.vsix";
const maxBytes = 1_000_000;

// All that runs is in the bundle, so no dependency is packaged.
const { status } = spawnSync(
  process.execPath,
  ["node_modules/@vscode/vsce/vsce", "package", "--no-dependencies", "--out", vsix],
  {
    cwd: root,
    stdio: "inherit",
  },
);
if (status !== 0) process.exit(status ?? 1);

const { size } = statSync(join(root, vsix));
if (size > maxBytes) {
  process.stderr.write(
    `${vsix} has ${size} bytes, over the ${maxBytes} it may have: see what grew with \`npx vsce ls\`.\n`,
  );
  process.exit(1);
}
process.stdout.write(`${vsix}: ${Math.round(size / 1000)} kB\n`);
