// `node test/vscode/support/install.mjs`: everything that the *.vscode.test.ts suites need, side by side; at once when it is there.
import { ensureDebianPackages } from "./debian.ts";
import { ensureHost } from "./install.ts";
import { everyVersion } from "./versions.ts";

try {
  await ensureDebianPackages();
  await Promise.all(everyVersion.map((version) => ensureHost(version)));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
