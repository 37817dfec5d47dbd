import { suite } from "uvu";
import * as assert from "uvu/assert";
import { routeOf, scripted } from "../support/config.ts";
import { errorOf } from "../support/read.ts";
import { ask, createTestApp } from "../support/test-app.ts";

const request = (method: string, path: string): Request => new Request(`http://localhost${path}`, { method });

const paths = suite("routes/paths");

for (const path of ["/nowhere", "/", "/v1", "/v1/", "/v1/chat", "/v1/chat/completions/x", "/v1/images", "/v2/models", "/V1/models", "//v1/models", "/v1//models", "/%", "/v1/%zz", "/v1%2Fmodels"]) {
  paths(`${path} is a 404 that says what is served`, async () => {
    const answer = await createTestApp().get(path);
    assert.is(answer.status, 404);
    const error = await errorOf(answer);
    assert.equal([error.type, error.code], ["invalid_request_error", "not_found"]);
    assert.match(error.message, "Nothing is served at");
    assert.match(error.message, "GET /health, GET /metrics, POST /v1/chat/completions, POST /v1/completions, POST /v1/embeddings, GET /v1/models, GET /v1/models/{id}");
  });
}

paths("a 404 repeats no query, and no host", async () => {
  const { message } = await errorOf(await createTestApp().get("/nowhere?api_key=secret"));
  assert.match(message, '"/nowhere"');
  assert.not.match(message, "secret");
  assert.not.match(message, "localhost");
});

for (const [method, path, allow] of [
  ["GET", "/v1/chat/completions", "POST"],
  ["HEAD", "/v1/chat/completions", "POST"],
  ["DELETE", "/v1/models", "GET, HEAD"],
  ["POST", "/v1/models/x", "GET, HEAD"],
  ["PUT", "/health", "GET, HEAD"],
  ["OPTIONS", "/v1/chat/completions", "POST"],
] as const) {
  paths(`${method} ${path} is a 405 that allows ${allow}`, async () => {
    const answer = await createTestApp().fetch(request(method, path));
    assert.is(answer.status, 405);
    assert.is(answer.headers.get("allow"), allow);
    if (method === "HEAD") return assert.is(await answer.text(), "");
    const error = await errorOf(answer);
    assert.equal([error.code, error.message], ["method_not_allowed", `"${path}" answers ${allow.replace(", ", " and ")} only.`]);
    return undefined;
  });
}

for (const path of ["/v1/models", "/v1/models/echo", "/health"]) {
  paths(`HEAD ${path} is GET without its body`, async () => {
    const app = createTestApp();
    const [head, get] = [await app.fetch(request("HEAD", path)), await app.fetch(request("GET", path))];
    assert.equal([head.status, head.headers.get("content-type")], [200, get.headers.get("content-type")]);
    assert.is(await head.text(), "");
    assert.ok((await get.text()).length > 0);
  });
}

paths("a query changes nothing", async () => {
  assert.is((await createTestApp().get("/v1/models?beta=true")).status, 200);
  assert.is((await createTestApp().post(ask({ model: "echo" }), { path: "/v1/chat/completions?api-version=1" })).status, 200);
});

paths("routes of several paths keep their own models, and the longest path wins", async () => {
  const routes = [
    routeOf({ name: "all", path: "/" }),
    routeOf({ name: "mine", path: "/team/a", models: ["a"] }),
    routeOf({ name: "locked", path: "/team", auth: { accepts: [] } }),
  ];
  const app = createTestApp({ config: { routes, models: [scripted("a"), scripted("b")] } });
  const statuses = await Promise.all(["/models/b", "/team/a/models/a", "/team/a/models/b", "/team/models/a", "/team/x", "/team/a/x", "/teams/models/a"]
    .map(async (path) => `${path} ${(await app.get(path)).status}`));
  assert.equal(statuses, [
    "/models/b 200",
    "/team/a/models/a 200",
    "/team/a/models/b 404",
    "/team/models/a 401",
    "/team/x 401",
    "/team/a/x 404",
    "/teams/models/a 404",
  ]);
});

for (const path of ["/team/../open/models", "/open/../team/models", "/team/%2e%2e/open/models", "/open/%2e%2e/team/models", "/open/..%2fteam/models", "/team/./models", "/team//models"]) {
  paths(`${path} opens no locked route`, async () => {
    const routes = [routeOf({ name: "open", path: "/open", models: ["a"] }), routeOf({ name: "team", path: "/team", auth: { accepts: [] } })];
    const app = createTestApp({ config: { routes, models: [scripted("a"), scripted("b")] } });
    const answer = await app.get(path);
    assert.not.match(await answer.text(), '"id":"b"');
  });
}

paths("health is open, says nothing that needs a key, and outlives a route at /", async () => {
  const app = createTestApp({ config: { keys: [{ name: "ci" }], routes: [routeOf({ path: "/", auth: { accepts: ["ci"] } })] } });
  const answer = await app.get("/health");
  assert.is(answer.status, 200);
  assert.equal(await answer.json(), { state: "running", version: "0.0.0", generation: "00000001", instance: "test" });
});

paths.run();
