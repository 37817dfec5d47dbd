import { suite } from "uvu";
import * as assert from "uvu/assert";
import { key } from "../../src/cli/key.ts";
import { schema } from "../../src/cli/schema.ts";
import { load } from "../../src/config/load.ts";
import { sha256 } from "../../src/config/references.ts";
import { auth } from "../../src/policies/auth.ts";
import { createRecordedIo } from "./command-io.ts";

const cases = suite("cli/key and cli/schema");

const makeKey = async (): Promise<{ key: string; hash: string }> => {
  const io = createRecordedIo("/");
  assert.is(await key.run(["--json"], io), 0);
  return JSON.parse(io.outLines.join("")) as { key: string; hash: string };
};

cases("makes a new key each time, of 256 bits", async () => {
  const [first, second] = await Promise.all([makeKey(), makeKey()]);
  assert.match(first.key, /^sk-llmp-[\w-]{43}$/);
  assert.is.not(first.key, second.key);
});

cases("gives the hash that a file takes and a request with the key passes", async () => {
  const made = await makeKey();
  assert.is(made.hash, `sha256:${sha256(made.key)}`);
  const { config } = await load(`version: 1\nkeys: { ci: { hash: "${made.hash}" } }\n`);
  const [route] = config?.routes ?? [];
  assert.ok(route && config);
  const exchange = { header: (name: string) => (name === "authorization" ? `Bearer ${made.key}` : undefined) };
  await auth(route.auth, config.keys)(exchange as Parameters<ReturnType<typeof auth>>[0]);
  assert.is((exchange as { keyName?: string }).keyName, "ci");
});

cases("shows people key and hash, and says what to do with them", async () => {
  const io = createRecordedIo("/");
  await key.run([], io);
  assert.match(io.outLines[0] ?? "", /^key: {2}sk-llmp-/);
  assert.match(io.outLines[1] ?? "", /^hash: sha256:[0-9a-f]{64}$/);
  assert.match(io.errLines.join("\n"), "shown this once");
});

cases("schema prints the whole schema as JSON", async () => {
  const io = createRecordedIo("/");
  assert.is(await schema.run([], io), 0);
  const printed = JSON.parse(io.outLines.join("\n")) as { $schema: string; definitions: object };
  assert.is(printed.$schema, "http://json-schema.org/draft-07/schema#");
  assert.ok("listener" in printed.definitions);
});

cases("an unknown option is refused by name", async () => {
  for (const command of [key, schema]) {
    const error = await command.run(["--nonsense"], createRecordedIo("/")).then(() => undefined, (thrown: unknown) => thrown as Error);
    assert.match(error?.message ?? "", "--nonsense");
  }
});

cases.run();
