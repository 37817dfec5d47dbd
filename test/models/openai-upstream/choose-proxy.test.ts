import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chooseProxy, UnusableProxy, type ProxySettings } from "../../../src/models/openai-upstream/choose-proxy.ts";

const chosen = (address: string, settings: ProxySettings, env: NodeJS.ProcessEnv = {}): string => {
  const proxy = chooseProxy(new URL(address), settings, env);
  return proxy === undefined ? "direct" : `${proxy.source} ${proxy.url.origin}`;
};

const environment = { HTTP_PROXY: "http://plain:1", HTTPS_PROXY: "http://secure:2" };

const cases = suite("models/openai-upstream/choose-proxy");

cases("the environment names one for each protocol, lower case first; one alone serves for both", () => {
  assert.is(chosen("http://a.test/", {}, environment), "HTTP_PROXY http://plain:1");
  assert.is(chosen("https://a.test/", {}, environment), "HTTPS_PROXY http://secure:2");
  assert.is(chosen("https://a.test/", {}, { ...environment, https_proxy: "http://lower:3" }), "https_proxy http://lower:3");
  assert.is(chosen("https://a.test/", {}, { HTTP_PROXY: "http://plain:1" }), "HTTP_PROXY http://plain:1");
  assert.is(chosen("http://a.test/", {}, { HTTPS_PROXY: "http://secure:2" }), "direct");
  assert.is(chosen("http://a.test/", {}, { ...environment, http_proxy: "" }), "direct");
});

cases("the editor's goes before the environment's, unless it is empty or switched off", () => {
  assert.is(chosen("https://a.test/", { url: "http://editor:4" }, environment), "http.proxy http://editor:4");
  assert.is(chosen("https://a.test/", { url: "" }, environment), "HTTPS_PROXY http://secure:2");
  assert.is(chosen("https://a.test/", { url: "http://editor:4", isEnabled: false }, environment), "direct");
});

cases("this machine is never asked through a proxy", () => {
  for (const host of ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "2130706433", "[::1]"]) {
    assert.is(chosen(`http://${host}:11434/`, { url: "http://editor:4" }), "direct", host);
  }
  assert.is(chosen("http://128.0.0.1/", { url: "http://editor:4" }), "http.proxy http://editor:4");
});

/** An exception, addresses that it is for, and some that it is not for. */
const exceptions: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["*", ["https://a.test/"], []],
  ["a.test", ["https://a.test/", "http://A.test./", "http://b.a.test:99/"], ["https://ba.test/", "https://test/"]],
  [".a.test", ["https://a.test/", "https://b.a.test/"], ["https://ba.test/"]],
  ["*.a.test", ["https://b.a.test/"], ["https://a.test/"]],
  ["a.test:8443", ["https://a.test:8443/"], ["https://a.test/"]],
  ["a.test:443", ["https://a.test/"], ["http://a.test/"]],
  ["10.0.0.0/8", ["http://10.1.2.3/", "http://167772161/"], ["http://11.0.0.1/", "http://a.test/"]],
  ["10.1.2.3", ["http://10.1.2.3/"], ["http://10.1.2.30/"]],
  ["2001:db8::1", ["http://[2001:db8::1]/"], ["http://[2001:db8::2]/"]],
  ["[2001:db8::1]:99", ["http://[2001:db8::1]:99/"], ["http://[2001:db8::1]/"]],
  ["2001:db8::/32", ["http://[2001:db8::2]/"], ["http://[2001:db9::2]/"]],
  ["10.0.0.0/99", [], ["http://10.1.2.3/"]],
  ["x.test, a.test ,", ["https://a.test/", "https://x.test/"], ["https://b.test/"]],
];

for (const [written, direct, proxied] of exceptions) {
  cases(`NO_PROXY ${written}`, () => {
    for (const address of direct) assert.is(chosen(address, {}, { ...environment, NO_PROXY: written }), "direct", address);
    for (const address of proxied) assert.is.not(chosen(address, {}, { ...environment, NO_PROXY: written }), "direct", address);
  });
}

cases("the editor's exceptions take the place of the environment's, where it has some", () => {
  const env = { ...environment, NO_PROXY: "a.test" };
  assert.is(chosen("https://b.test/", { noProxy: ["b.test"] }, env), "direct");
  assert.is(chosen("https://a.test/", { noProxy: ["b.test"] }, env), "HTTPS_PROXY http://secure:2");
  assert.is(chosen("https://a.test/", { noProxy: [] }, env), "direct");
});

cases("one without a protocol is one of HTTP; another protocol is said without its password", () => {
  assert.is(chosen("http://a.test/", {}, { HTTP_PROXY: "p.test:8888" }), "HTTP_PROXY http://p.test:8888");
  for (const text of ["socks4://user:secret@proxy", "http://", "http://a b"]) {
    try {
      chosen("http://a.test/", {}, { HTTP_PROXY: text });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, UnusableProxy);
      assert.match((error as Error).message, /^HTTP_PROXY is not the address of a proxy/);
      assert.not.match((error as Error).message, "secret");
    }
  }
});

cases.run();
