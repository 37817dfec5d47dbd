import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createSecretSource, isInside, secretFromEnvironment } from "../../src/config/secret-source.ts";
import { parseReference, type SecretValue } from "../../src/config/references.ts";

const cases = suite<{ root: string; folder: string }>("config/secret-source");

cases.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "llm-proxy-secrets-"));
  context.folder = join(context.root, "project");
  mkdirSync(join(context.folder, "keys"), { recursive: true });
});
cases.after.each(({ root }) => rmSync(root, { recursive: true, force: true }));

const env = { SET: "from-env", EMPTY: "", LLM_PROXY_SECRET_MY_KEY: "from-secret" };

const read = (folder: string, written: string): Promise<SecretValue> =>
  Promise.resolve(createSecretSource({ env, folder, secret: secretFromEnvironment(env) }).read(parseReference(written)));

const missing = (found: SecretValue): string => ("missing" in found ? found.missing : `found ${found.value}`);

cases("reads the environment, and counts an empty variable as unset", async ({ folder }) => {
  assert.equal(await read(folder, "${env:SET}"), { value: "from-env" });
  assert.match(missing(await read(folder, "${env:EMPTY}")), "EMPTY is empty");
  assert.match(missing(await read(folder, "${env:NOPE}")), "NOPE is not set");
});

cases("reads a named secret from LLM_PROXY_SECRET_<NAME>, dashes as underscores", async ({ folder }) => {
  assert.equal(await read(folder, "${secret:my-key}"), { value: "from-secret" });
  assert.match(missing(await read(folder, "${secret:other.key}")), "LLM_PROXY_SECRET_OTHER_KEY is not set");
});

cases("reads a file of the folder without the line end after it", async ({ folder }) => {
  writeFileSync(join(folder, "keys", "ci.key"), "from-file\r\n");
  assert.equal(await read(folder, "${file:keys/ci.key}"), { value: "from-file" });
});

cases("says what is wrong with a file that holds no secret", async ({ folder }) => {
  writeFileSync(join(folder, "empty.key"), "\n");
  writeFileSync(join(folder, "large.key"), "x".repeat(20_000));
  assert.match(missing(await read(folder, "${file:none.key}")), "is not there");
  assert.match(missing(await read(folder, "${file:empty.key}")), "is empty");
  assert.match(missing(await read(folder, "${file:large.key}")), "not a file with one secret");
  assert.match(missing(await read(folder, "${file:keys}")), "not a file with one secret");
});

cases("follows a link inside the folder and none that leads out of it", async ({ root, folder }) => {
  writeFileSync(join(root, "outside.key"), "outside");
  writeFileSync(join(folder, "keys", "ci.key"), "inside");
  symlinkSync(join(folder, "keys", "ci.key"), join(folder, "inside.key"));
  symlinkSync(join(root, "outside.key"), join(folder, "outside.key"));
  symlinkSync(root, join(folder, "up"));
  assert.equal(await read(folder, "${file:inside.key}"), { value: "inside" });
  assert.match(missing(await read(folder, "${file:outside.key}")), "leads outside the folder");
  assert.match(missing(await read(folder, "${file:up/outside.key}")), "leads outside the folder");
  assert.match(missing(await read(folder, "${file:../outside.key}")), "leads outside the folder");
});

cases("works in a folder that is itself reached through a link", async ({ root, folder }) => {
  writeFileSync(join(folder, "ci.key"), "inside");
  symlinkSync(folder, join(root, "linked"));
  assert.equal(await read(join(root, "linked"), "${file:ci.key}"), { value: "inside" });
});

cases("knows inside from outside by whole segments", () => {
  assert.ok(isInside("/a/b", "/a/b/c"));
  assert.ok(isInside("/a/b", "/a/b/..c"));
  for (const outside of ["/a/b", "/a", "/a/bc", "/a/b/../c"]) assert.not.ok(isInside("/a/b", outside), outside);
});

cases.run();
