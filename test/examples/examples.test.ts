import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../src/config/load.ts";

const folder = fileURLToPath(new URL("../../examples/", import.meta.url));
const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml"));

const cases = suite("examples");

cases("are there", () => assert.ok(names.length >= 3, names.join(", ")));

for (const name of names) {
  cases(`${name} is valid, without a warning`, async () => {
    const { config, problems } = await load(readFileSync(`${folder}${name}`));
    assert.equal(problems, []);
    assert.ok(config);
  });
}

cases("keep every route that the network reaches behind a key", async () => {
  const { config } = await load(readFileSync(`${folder}keys-on-the-network.yaml`));
  const onNetwork = config?.routes.filter(({ listeners }) => listeners.includes("network")) ?? [];
  assert.equal(onNetwork.map(({ name, auth }) => [name, auth.accepts]), [["main", ["ci", "team"]], ["automation", ["ci"]]]);
});

cases.run();
