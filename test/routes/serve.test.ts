import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createTestApp } from "../support/test-app.ts";

const serve = suite("routes/serve");

serve("an answer that cannot be written is broken off, and the log says why", async () => {
  const app = createTestApp({ config: { generation: "no\nheader" } });
  const answer = await app.get("/health");
  assert.is(answer.type, "error");
  assert.ok(app.services.lines.some(({ level }) => level === "error"));
});

serve.run();
