import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const cases = suite("observability/exchange");

const levelsOf = ({ services }: TestApp): readonly string[] => services.lines.filter(({ event }) => event === "request").map(({ level }) => level);

cases("keeps scrapes and looks at health out of the log that people read", async () => {
  const app = createTestApp();
  await (await app.get("/metrics")).text();
  await (await app.get("/health")).text();
  assert.equal(levelsOf(app), ["debug", "debug"]);
});

cases("tells of what a route answers, and of what went wrong anywhere", async () => {
  const app = createTestApp();
  await (await app.get("/v1/models")).text();
  await (await app.get("/nowhere")).text();
  assert.equal(levelsOf(app), ["info", "info"]);
});

cases.run();
