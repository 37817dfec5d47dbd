import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ask, createTestApp } from "../support/test-app.ts";

const ids = suite("policies/request-id");

ids("every answer, refusals too, carries the id of its line in the log", async () => {
  const app = createTestApp();
  const answers = [
    await app.get("/v1/models"),
    await app.get("/nowhere"),
    await app.get("/v1/models", { origin: "https://evil.test" }),
    await app.post("{"),
    await app.post(ask({ model: "echo" })),
  ];
  const sent = answers.map(({ headers }) => headers.get("x-request-id"));
  assert.equal(sent, ["req-1", "req-2", "req-3", "req-4", "req-5"]);
  assert.equal(answers.map(({ headers }) => headers.get("request-id")), sent.map(() => null));
  const logged = app.services.lines.filter(({ event }) => event === "request").map(({ fields }) => fields["id"]);
  assert.equal(logged, sent);
});

ids("who speaks Anthropic's language gets it in Anthropic's header too", async () => {
  const answer = await createTestApp().get("/v1/models", { "anthropic-version": "2023-06-01" });
  assert.is(answer.headers.get("request-id"), "req-1");
  assert.is(answer.headers.get("x-request-id"), "req-1");
});

ids("a client's own x-request-id is not taken over", async () => {
  const answer = await createTestApp().get("/v1/models", { "x-request-id": "mine" });
  assert.is(answer.headers.get("x-request-id"), "req-1");
});

ids.run();
