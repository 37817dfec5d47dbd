import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createFileSource, type FileText } from "../../src/config/file-source.ts";
import { load } from "../../src/config/load.ts";

interface Context {
  base: string;
  folder: string;
  read: (path: string) => Promise<FileText>;
}

const cases = suite<Context>("config/file-source");

cases.before.each((context) => {
  context.base = mkdtempSync(join(tmpdir(), "llm-proxy-files-"));
  context.folder = join(context.base, "folder");
  mkdirSync(join(context.folder, "certs"), { recursive: true });
  writeFileSync(join(context.folder, "certs", "proxy.pem"), "inside");
  writeFileSync(join(context.base, "outside.pem"), "outside");
  context.read = (path) => createFileSource(context.folder).read(path);
});
cases.after.each(({ base }) => rmSync(base, { recursive: true, force: true }));

const missingOf = (found: FileText): string => ("missing" in found ? found.missing : `it was read: ${found.text}`);

cases("reads relative paths inside the folder, and absolute ones anywhere", async ({ base, read }) => {
  assert.equal(await read("certs/proxy.pem"), { text: "inside" });
  assert.equal(await read("./certs/../certs/proxy.pem"), { text: "inside" });
  assert.equal(await read(join(base, "outside.pem")), { text: "outside" });
});

cases("lets no relative path lead outside, nor a link in the folder", async ({ base, folder, read }) => {
  assert.match(missingOf(await read("../outside.pem")), "outside the folder");
  if (process.platform === "win32") return;
  symlinkSync(join(base, "outside.pem"), join(folder, "certs", "link.pem"));
  assert.match(missingOf(await read("certs/link.pem")), "outside the folder");
});

cases("follows links that stay inside, which is how renewed files are swapped", async ({ folder, read }) => {
  if (process.platform === "win32") return;
  symlinkSync("proxy.pem", join(folder, "certs", "current.pem"));
  assert.equal(await read("certs/current.pem"), { text: "inside" });
});

cases("says what is not there and what is no file, and throws for neither", async ({ folder, read }) => {
  assert.match(missingOf(await read("certs/none.pem")), "is not there");
  assert.match(missingOf(await read("certs/proxy.pem/more")), "is not there");
  assert.match(missingOf(await read("certs")), "cannot be read (EISDIR)");
  assert.match(missingOf(await createFileSource(join(folder, "none")).read("x.pem")), "is not there");
});

cases("a configuration names the files that it points to, also while it is refused for one of them", async ({ read }) => {
  const text = [
    "version: 1",
    "listeners: { local: { tls: { certFile: certs/none.pem, keyFile: /etc/none.key } } }",
    "keys: { a: { key: \"${file:a.key}\" }, b: { key: \"${env:B}\" } }",
    "upstreams: { u: { baseUrl: \"http://127.0.0.1/v1\", apiKey: \"${file:u.key}\" } }",
  ].join("\n");
  const loaded = await load(text, { files: { read } });
  assert.is(loaded.config, undefined);
  assert.equal(loaded.files, ["certs/none.pem", "/etc/none.key", "a.key", "u.key"]);
});

cases.run();
