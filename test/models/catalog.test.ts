import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ProxyError } from "../../src/errors.ts";
import { createCatalog, type Access, type AliasOptions, type Candidate, type Catalog } from "../../src/models/catalog.ts";
import { createEchoHost } from "../../src/models/echo.ts";
import type { ModelHost, Target } from "../../src/models/host.ts";
import type { Hosts } from "../../src/models/registry.ts";
import { echo, echoTarget } from "../support/config.ts";
import { createHandClock } from "../support/hand-clock.ts";
import { createScriptedHost } from "../support/scripted-host.ts";

const hosts: Hosts = { echo: createEchoHost(createHandClock()), selector: createScriptedHost() };

const selector = (id: string): Target => ({ kind: "selector", id });
/** An alias whose target is a model called like the alias, so that a test sees which alias answered. */
const named = (name: string): AliasOptions => ({ name, targets: [selector(name)], fallbackOn: [] });

const idOf = async (catalog: Catalog, name: string, allowed?: readonly string[]): Promise<string | undefined> =>
  (await catalog.candidates(name, { models: allowed }))[0]?.model.id;

const candidates = async (catalog: Catalog, name: string, access?: Access): Promise<readonly Candidate[]> => catalog.candidates(name, access);

const errorOf = async (work: Promise<unknown>): Promise<ProxyError> => {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown);
  assert.instance(error, ProxyError);
  return error as ProxyError;
};

const finding = suite("models/catalog");

finding("prefers the exact name to every wildcard, then the longest literal", async () => {
  const catalog = createCatalog(["*", "claude-*", "claude-sonnet-*", "*-latest", "claude-sonnet-4"].map(named), hosts);
  assert.is(await idOf(catalog, "claude-sonnet-4"), "claude-sonnet-4");
  assert.is(await idOf(catalog, "claude-sonnet-4-20250514"), "claude-sonnet-*");
  assert.is(await idOf(catalog, "claude-opus"), "claude-*");
  assert.is(await idOf(catalog, "gpt-latest"), "*-latest");
  assert.is(await idOf(catalog, "anything"), "*");
  assert.is(await idOf(catalog, ""), "*");
});

finding("gives the star both of its sides, and does not let them overlap", async () => {
  const catalog = createCatalog([named("ab*ba")], hosts);
  assert.is(await idOf(catalog, "abba"), "ab*ba");
  assert.is(await idOf(catalog, "ab-x-ba"), "ab*ba");
  assert.is((await errorOf(candidates(catalog, "aba"))).status, 404);
});

finding("takes what looks like a pattern literally but for the star", async () => {
  const catalog = createCatalog([named("a.c*")], hosts);
  assert.is((await errorOf(candidates(catalog, "abcd"))).status, 404);
  assert.is(await idOf(catalog, "a.cd"), "a.c*");
});

finding("keeps the order of targets, and leaves out what cannot run here", async () => {
  const targets = [selector("first"), echoTarget(), selector("last")];
  const catalog = createCatalog([{ name: "smart", targets, fallbackOn: [] }], hosts);
  assert.equal((await catalog.candidates("smart")).map(({ model }) => model.id), ["first", "echo", "last"]);
  const alone = createCatalog([{ name: "smart", targets, fallbackOn: [] }], { echo: hosts.echo as ModelHost });
  assert.equal((await alone.candidates("smart")).map(({ model }) => model.id), ["echo"]);
});

finding("leaves an unlisted alias out of the list and answers for it all the same", async () => {
  const catalog = createCatalog([{ ...echo("hidden"), isUnlisted: true }, { ...echo("shown"), description: "for code" }], hosts);
  assert.equal(await catalog.list(), [{ name: "shown", vendor: "echo", description: "for code" }]);
  assert.equal(await catalog.entry("hidden"), { name: "hidden", vendor: "echo" });
  assert.is(await idOf(catalog, "hidden"), "echo");
  assert.not.match((await errorOf(candidates(catalog, "hiden"))).message, "hidden");
});

finding("closes the list where models are declared: a 404 that names the nearest", async () => {
  const catalog = createCatalog(["gpt-4o", "gpt-4o-mini", "sonnet"].map(named), hosts);
  const error = await errorOf(candidates(catalog, "gtp-4o"));
  assert.equal([error.status, error.code, error.param], [404, "model_not_found", "model"]);
  assert.is(error.message, 'No model is named "gtp-4o". Use gpt-4o, or add it under models: in .llmproxy.yaml.');
  const far = await errorOf(candidates(catalog, "zzz"));
  assert.is(far.message, 'No model is named "zzz". Use one of gpt-4o, gpt-4o-mini, sonnet, or add it under models: in .llmproxy.yaml.', "where nothing is near, what there is");
});

finding("neither serves nor names what a route does not allow", async () => {
  const catalog = createCatalog(["gpt-4o", "gpt-4o-mini"].map(named), hosts);
  assert.is(await idOf(catalog, "gpt-4o", ["gpt-4o"]), "gpt-4o");
  const error = await errorOf(candidates(catalog, "gpt-4o-mini", { models: ["gpt-4o"] }));
  assert.is(error.status, 404);
  assert.not.match(error.message, "Use one of");
  assert.not.match((await errorOf(candidates(catalog, "gpt-4o-min", { models: ["gpt-4o"] }))).message, "gpt-4o-mini");
  assert.is((await errorOf(catalog.entry("gpt-4o-mini", { models: ["gpt-4o"] }))).status, 404);
  assert.equal((await catalog.list({ models: ["gpt-4o"] })).map(({ name }) => name), ["gpt-4o"]);
});

finding("what a route leaves out is not reached there through a star that it allows, nor listed behind it", async () => {
  // The scripted host's own models are "scripted" and "other".
  const catalog = createCatalog(["other", "claude-*", "*"].map(named), hosts);
  const allowed = ["*"];
  assert.is(await idOf(catalog, "scripted", allowed), "*");
  assert.is((await errorOf(candidates(catalog, "other", { models: allowed }))).status, 404);
  assert.is((await errorOf(candidates(catalog, "claude-opus", { models: allowed }))).status, 404);
  assert.is((await errorOf(catalog.entry("other", { models: allowed }))).status, 404);
  assert.equal((await catalog.list({ models: allowed })).map(({ name }) => name), ["scripted"]);
  assert.is(await idOf(catalog, "other", ["other", "*"]), "other");
});

finding("a key may use the names and the aliases that it lists, and is told so of others", async () => {
  const catalog = createCatalog(["gpt-4o", "gpt-4o-mini", "claude-*", "*"].map(named), hosts);
  const key = (...keyModels: readonly string[]): Access => ({ keyModels, keyName: "ci" });
  assert.is((await catalog.candidates("gpt-4o", key("gpt-4o")))[0]?.model.id, "gpt-4o");
  assert.is((await catalog.candidates("claude-x", key("claude-*")))[0]?.model.id, "claude-*");
  assert.is((await catalog.candidates("claude-x", key("claude-x")))[0]?.model.id, "claude-*");
  assert.is((await catalog.candidates("anything", key("anything")))[0]?.model.id, "*");
  for (const name of ["gpt-4o-mini", "claude-y", "anything"]) {
    const error = await errorOf(candidates(catalog, name, key("gpt-4o", "claude-x")));
    assert.equal([error.status, error.code, error.param, error.isRetryable], [403, "permission_denied", "model", false]);
  }
  const error = await errorOf(catalog.entry("gpt-4o-mini", key("gpt-4o")));
  assert.is(error.message, 'The key "ci" may not use "gpt-4o-mini". Use gpt-4o, or add it to the key\'s models: in .llmproxy.yaml.');
  assert.is((await errorOf(candidates(catalog, "gpt-4o", key()))).message, 'The key "ci" may not use "gpt-4o". Add it to the key\'s models: in .llmproxy.yaml.');
});

finding("does not name to a key what it may not use", async () => {
  const catalog = createCatalog(["gpt-4o", "gpt-4o-mini"].map(named), hosts);
  const error = await errorOf(candidates(catalog, "gpt-4o-min", { keyModels: ["gpt-4o"], keyName: "ci" }));
  assert.is(error.status, 404);
  assert.not.match(error.message, "gpt-4o-mini");
});

finding("lists to a key what it may use, behind a plain star too", async () => {
  const star: AliasOptions = { name: "*", targets: [{ kind: "selector", vendor: "scripted" }], fallbackOn: [] };
  const catalog = createCatalog([echo("mine"), echo("yours"), star], hosts);
  const namesFor = async (keyModels: readonly string[]): Promise<readonly string[]> => (await catalog.list({ keyModels })).map(({ name }) => name);
  assert.equal(await namesFor(["mine", "other"]), ["mine", "other"]);
  assert.equal(await namesFor(["*"]), ["scripted", "other"]);
  assert.equal(await namesFor([]), []);
});

finding("is a 503 with the way out where no target can run, and is listed without a vendor", async () => {
  const catalog = createCatalog([named("gpt-4")], { echo: hosts.echo as ModelHost });
  const error = await errorOf(candidates(catalog, "gpt-4"));
  assert.equal([error.status, error.code, error.isRetryable], [503, "model_unavailable", false]);
  assert.match(error.message, "--stand-in");
  assert.equal(await catalog.list(), [{ name: "gpt-4" }]);
  assert.equal(await catalog.entry("gpt-4"), { name: "gpt-4" });
});

finding("says each reason once", async () => {
  const host: ModelHost = { ...createScriptedHost(), resolve: async () => ({ unavailable: "Sign in." }) };
  const catalog = createCatalog([{ name: "a", targets: [selector("x"), selector("y")], fallbackOn: [] }], { selector: host });
  assert.is((await errorOf(candidates(catalog, "a"))).message, 'Nothing that "a" stands for can answer now: Sign in.');
});

finding("lists aliases in their order, and the host's own models behind a plain star", async () => {
  const star: AliasOptions = { name: "*", targets: [{ kind: "selector", vendor: "scripted" }], fallbackOn: [] };
  const entries = await createCatalog([echo("mine"), named("scripted"), star, named("claude-*")], hosts).list();
  assert.equal(entries, [
    { name: "mine", vendor: "echo" },
    { name: "scripted", vendor: "scripted" },
    { name: "other", vendor: "scripted" },
  ]);
  const elsewhere: AliasOptions = { name: "*", targets: [{ kind: "selector", vendor: "copilot" }], fallbackOn: [] };
  assert.equal(await createCatalog([elsewhere], hosts).list(), []);
});

finding("passes the name that was asked for to the host, for the star of a selector", async () => {
  const names: string[] = [];
  const host: ModelHost = {
    ...createScriptedHost(),
    async resolve(_target, { requestedName }) {
      names.push(requestedName);
      return { unavailable: "None." };
    },
  };
  await candidates(createCatalog([named("claude-*")], { selector: host }), "claude-x").catch(() => {});
  assert.equal(names, ["claude-x"]);
});

finding("looks a hostile name up without building a table of its length", async () => {
  const catalog = createCatalog([named("gpt-4")], hosts);
  const error = await errorOf(candidates(catalog, `g\n${"x".repeat(1_000_000)}`));
  assert.is(error.status, 404);
  assert.ok(error.message.length < 300, "the message repeats it all");
  assert.not.match(error.message, "\n");
});

finding.run();
