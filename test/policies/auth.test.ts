import { createHash } from "node:crypto";
import { inspect } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { answeredSubprotocol, auth, presentedKey, type AuthOptions, type KeyOptions } from "../../src/policies/auth.ts";
import { exchangeOf, refusalOf } from "../support/exchange.ts";

const keyOf = (name: string, key: string): KeyOptions => ({ name, sha256: createHash("sha256").update(key).digest("hex") });

const keys: readonly KeyOptions[] = [keyOf("ci", "ci-key"), keyOf("ann", "ann-key"), { name: "unset" }];

/** The name of the key that was accepted, "none" where none was needed, or the status of the refusal. */
const admit = (headers: Readonly<Record<string, string>>, accepts: AuthOptions["accepts"] = ["ci", "ann", "unset"]): string | number => {
  const exchange = exchangeOf({ headers });
  const refusal = refusalOf(() => auth({ accepts }, keys)(exchange));
  return refusal?.status ?? exchange.keyName ?? "none";
};

const bearer = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

const door = suite("policies/auth");

door("accepts a key as Bearer or as x-api-key, and notes its name", () => {
  assert.is(admit(bearer("ci-key")), "ci");
  assert.is(admit({ authorization: "bearer  ann-key " }), "ann");
  assert.is(admit({ "x-api-key": "ann-key" }), "ann");
  assert.is(admit({ "x-api-key": " ci-key " }), "ci");
});

door("takes x-api-key where Authorization carries no Bearer", () => {
  assert.is(admit({ "authorization": "Basic Y2k6Y2k=", "x-api-key": "ci-key" }), "ci");
  assert.is(admit({ "authorization": "Bearer ", "x-api-key": "ci-key" }), "ci");
});

for (const [what, headers] of [
  ["no key", {}],
  ["a wrong key", bearer("nope")],
  ["an empty Bearer", { authorization: "Bearer" }],
  ["a Bearer of blanks", { authorization: "Bearer   " }],
  ["an empty x-api-key", { "x-api-key": "" }],
  ["a key and more", bearer("ci-key extra")],
  ["a key in other letters", bearer("CI-KEY")],
  ["another scheme", { authorization: "Basic ci-key" }],
  ["the bare key", { authorization: "ci-key" }],
  ["the hash of a key", bearer(keys[0]?.sha256 ?? "")],
  ["the name of a key", bearer("ci")],
  ["what an unset reference may read as", bearer("undefined")],
] as const) {
  door(`refuses ${what}`, () => assert.is(admit(headers), 401));
}

door("tells a missing and a wrong key apart in nothing", () => {
  const refusal = (headers: Readonly<Record<string, string>>): unknown => {
    const error = refusalOf(() => auth({ accepts: ["ci"] }, keys)(exchangeOf({ headers })));
    return error && [error.status, error.code, error.message, error.headers];
  };
  assert.equal(refusal({}), refusal(bearer("nope")));
  assert.match(JSON.stringify(refusal({})), '{"www-authenticate":"Bearer"}');
});

door("accepts only the keys that the route names, and tells others that they are good elsewhere", () => {
  assert.is(admit(bearer("ann-key"), ["ci"]), 403);
  assert.is(admit(bearer("ci-key"), ["ci"]), "ci");
  assert.is(admit(bearer("ci-key"), []), 403);
  const exchange = exchangeOf({ headers: bearer("ann-key") });
  const refusal = refusalOf(() => auth({ accepts: ["ci"] }, keys)(exchange));
  assert.is(refusal?.message, 'The key "ann" may not use this route. Add it to the auth: { keys } of the route in .llmproxy.yaml, or use a key that is listed there.');
  assert.equal([refusal?.code, refusal?.isRetryable, exchange.keyName], ["permission_denied", false, "ann"]);
});

door("refuses a key from the day on which it expires, and says no more than of a wrong one", () => {
  const expiring: KeyOptions = { ...keyOf("ci", "ci-key"), expiresAt: Date.UTC(2027, 0, 1) };
  const at = (now: number): unknown => {
    const exchange = exchangeOf({ headers: bearer("ci-key") });
    const error = refusalOf(() => auth({ accepts: ["ci"] }, [expiring], { now: () => now })(exchange));
    return error === undefined ? exchange.keyName : [error.status, error.message, exchange.record.authFailure];
  };
  assert.is(at(Date.UTC(2027, 0, 1) - 1), "ci");
  const wrong = refusalOf(() => auth({ accepts: ["ci"] }, keys)(exchangeOf()));
  assert.equal(at(Date.UTC(2027, 0, 1)), [401, wrong?.message, "expired"]);
});

door("notes which models the key may use", () => {
  const exchange = exchangeOf({ headers: bearer("ci-key") });
  auth({ accepts: ["ci"] }, [{ ...keyOf("ci", "ci-key"), models: ["fast"] }])(exchange) as undefined;
  assert.equal(exchange.keyModels, ["fast"]);
});

door("takes the key that a browser hides among a WebSocket's sub-protocols, and never answers with it", () => {
  const offered = (value: string): Readonly<Record<string, string>> => ({ "sec-websocket-protocol": value });
  assert.is(admit(offered("realtime, openai-insecure-api-key.ci-key")), "ci");
  assert.is(admit(offered("openai-insecure-api-key.ann-key,realtime")), "ann");
  assert.is(admit(offered("openai-insecure-api-key.")), 401);
  assert.is(admit(offered("realtime")), 401);
  const answered = (value: string): string | undefined => answeredSubprotocol(exchangeOf({ headers: offered(value) }));
  assert.is(answered("openai-insecure-api-key.ci-key, realtime, other"), "realtime");
  assert.is(answered("openai-insecure-api-key.ci-key"), undefined);
  assert.is(answeredSubprotocol(exchangeOf()), undefined);
});

door("lets nobody in by a key whose reference is unset, nor by an empty one that was hashed", () => {
  assert.is(admit(bearer(""), ["unset"]), 401);
  const empty = auth({ accepts: ["empty"] }, [keyOf("empty", "")]);
  for (const headers of [{}, { authorization: "Bearer " }, { "x-api-key": "" }]) {
    assert.is(refusalOf(() => empty(exchangeOf({ headers })))?.status, 401);
  }
});

door("asks for nothing where a route wants no key, and notes no name", () => {
  assert.is(admit({}, "none"), "none");
  assert.is(admit(bearer("nope"), "none"), "none");
});

door("never repeats a key in its refusal", () => {
  const error = refusalOf(() => auth({ accepts: ["ci"] }, keys)(exchangeOf({ headers: bearer("sk-secret-123") })));
  assert.is(error?.status, 401);
  assert.not.match(inspect(error, { depth: 9 }), "sk-secret-123");
});

door("reads a key of any printable form", () => {
  assert.is(presentedKey(exchangeOf({ headers: bearer("sk-proj_A.b/c+d=~é") })), "sk-proj_A.b/c+d=~é");
});

door.run();
