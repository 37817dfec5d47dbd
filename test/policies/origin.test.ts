import { suite } from "uvu";
import * as assert from "uvu/assert";
import { origin, type OriginOptions } from "../../src/policies/origin.ts";
import { exchangeOf, refusalOf } from "../support/exchange.ts";

const statusOf = (headers: Readonly<Record<string, string>>, options: Partial<OriginOptions> = {}, localAddress = "127.0.0.1"): number =>
  refusalOf(() => origin({ host: "127.0.0.1", allowedHosts: [], cors: { allowOrigins: [] }, ...options })(exchangeOf({ headers, localAddress })))?.status ?? 200;

const guard = suite("policies/origin");

for (const host of ["localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8080", "localhost:"]) {
  guard(`accepts the loopback name ${host}, whatever its port`, () => assert.is(statusOf({ host }), 200));
}

for (const host of [
  "evil.test",
  "evil.test:8080",
  "localhost.evil.test",
  "evil.test@localhost",
  "localhost@evil.test",
  "localhost:8080@evil.test",
  "127.0.0.1.evil.test",
  "127.0.0.2",
  "0.0.0.0",
  "[::]",
  "::1",
  "[::1",
  "[evil.test]",
  "localhost, evil.test",
  "localhost/evil",
  "localhost:80x",
  "",
  ":8080",
]) {
  guard(`refuses the Host "${host}", as a rebound name would send it`, () => assert.is(statusOf({ host }), 403));
}

guard("refuses a request without a Host", () => assert.is(statusOf({}), 403));

guard("accepts the listener's own host, its listed names and the address of its socket", () => {
  assert.is(statusOf({ host: "box.lan:8080" }, { host: "Box.lan" }), 200);
  assert.is(statusOf({ host: "PROXY.example:1" }, { allowedHosts: ["proxy.example"] }), 200);
  assert.is(statusOf({ host: "192.0.2.7:8080" }, { host: "0.0.0.0" }, "192.0.2.7"), 200);
  assert.is(statusOf({ host: "[2001:db8::7]:8080" }, { host: "::" }, "2001:db8::7"), 200);
  assert.is(statusOf({ host: "192.0.2.8:8080" }, { host: "0.0.0.0" }, "192.0.2.7"), 403);
});

guard("does not take a missing Host for the address of a socket that is gone", () => {
  assert.is(statusOf({}, {}, ""), 403);
  assert.is(statusOf({ host: "//" }, {}, ""), 403);
});

guard("says which name it refused, and what to do", () => {
  const error = refusalOf(() => origin({ host: "127.0.0.1", allowedHosts: [], cors: { allowOrigins: [] } })(exchangeOf({ headers: { host: "evil.test" } })));
  assert.is(error?.code, "permission_denied");
  assert.match(error?.message ?? "", /"evil\.test".*allowedHosts/);
});

for (const [host, origin_] of [
  ["localhost:8080", "http://localhost:8080"],
  ["127.0.0.1:8080", "https://127.0.0.1:8080"],
  ["[::1]:8080", "http://[::1]:8080"],
  ["localhost", "http://localhost"],
] as const) {
  guard(`accepts the page ${origin_} that this listener served itself`, () => assert.is(statusOf({ host, origin: origin_ }), 200));
}

for (const foreign of [
  "https://evil.test",
  "null",
  "",
  "http://localhost",
  "http://localhost:3000",
  "http://127.0.0.1:8080",
  "http://localhost:8080.evil.test",
  "http://localhost:8080/",
  "ws://localhost:8080",
  "vscode-webview://abc",
]) {
  guard(`refuses the Origin "${foreign}" at localhost:8080`, () => {
    assert.is(statusOf({ host: "localhost:8080", origin: foreign }), 403);
  });
}

guard("accepts the pages of listed origins, to the letter", () => {
  const options = { cors: { allowOrigins: ["https://app.test", "http://localhost:3000"] } };
  const at = (origin_: string): number => statusOf({ host: "localhost:8080", origin: origin_ }, options);
  assert.equal(["https://app.test", "http://localhost:3000"].map(at), [200, 200]);
  for (const other of ["http://app.test", "https://app.test:8443", "https://app.test.evil.test", "https://evil.app.test", "http://localhost:3001", "https://APP.test", "null", "*"]) {
    assert.is(at(other), 403, other);
  }
});

guard.run();
