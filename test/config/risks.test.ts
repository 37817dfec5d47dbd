import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../src/config/load.ts";
import { renderRisk } from "../../src/config/risk-words.ts";
import { contentHashOf, type Risk } from "../../src/config/risks.ts";

const cases = suite("config/risks");

const risksIn = async (text: string): Promise<readonly Risk[]> => {
  const { risks, problems } = await load(`version: 1\n${text}`);
  if (risks === undefined) throw new Error(`The file of the test is wrong: ${problems[0]?.message}`);
  return risks;
};

const hashOf = async (text: string): Promise<string> => contentHashOf(await risksIn(text));

const usual = `
listeners: { lan: { host: 0.0.0.0, allowedHosts: [a.test, b.test], cors: { allowOrigins: [https://a.test] }, auth: required, tls: { certFile: a.pem, keyFile: a.key } } }
upstreams: { hosted: { baseUrl: "https://a.example.com/v1", apiKey: "\${env:A_KEY}" }, other: { baseUrl: "https://b.example.com/v1" } }
keys: { ci: { key: "\${secret:ci}" } }
`;

cases("finds nothing in a file that only says which models are served where on this machine", async () => {
  assert.equal(await risksIn("listeners: { a: { host: localhost, ports: [8081, 8082] }, b: { host: \"::1\", ports: 8083 } }\nmodels: { a: copilot/x, b: { echo: {} } }"), []);
  assert.equal(await risksIn(`keys: { ci: { hash: "sha256:${"0".repeat(64)}" } }`), []);
});

cases("has one hash for one content, whatever else the file says and in whatever order", async () => {
  const moved = `
keys: { renamed: { key: "\${secret:ci}" }, again: { key: "\${secret:ci}" } }
models: { a: { upstream: two, model: m } }
upstreams: { two: { baseUrl: "https://b.example.com/v1/" }, one: { baseUrl: "https://A.example.com:443/v1", apiKey: "\${env:A_KEY}" } }
listeners: { lan: { tls: { keyFile: a.key, certFile: a.pem }, host: 0.0.0.0, ports: 9000, allowedHosts: [B.test, a.test], cors: { allowOrigins: [https://a.test] }, auth: required } }
`;
  assert.is(await hashOf(moved), await hashOf(usual));
  assert.match(await hashOf(usual), /^[0-9a-f]{64}$/);
});

const changes: Readonly<Record<string, readonly [string, string]>> = {
  "a host": ["0.0.0.0", "\"::\""],
  "a host that may be addressed": ["b.test", "c.test"],
  "a web page": ["https://a.test", "https://b.test"],
  "a certificate's key": ["a.key", "/etc/ssl/private/other.key"],
  "an upstream": ["https://b.", "https://c."],
  "a variable": ["env:A_KEY", "env:B_KEY"],
  "where a secret is": ["secret:ci", "env:ci"],
  "where a key is sent": ["hosted: { baseUrl: \"https://a.example.com/v1\"", "hosted: { baseUrl: \"https://b.example.com/v1\""],
};

for (const [what, [before, after]] of Object.entries(changes)) {
  cases(`has another hash for another content: ${what}`, async () => {
    assert.ok(usual.includes(before));
    assert.is.not(await hashOf(usual.replace(before, after)), await hashOf(usual));
  });
}

cases("tells apart which of two addresses a key goes to, though both are asked anyway", async () => {
  const swapped = usual.replace("https://a.", "https://x.").replace("https://b.", "https://a.").replace("https://x.", "https://b.");
  assert.is.not(await hashOf(swapped), await hashOf(usual));
});

cases("shows characters that hide or turn text around as what they are", () => {
  const words = renderRisk({ kind: "file", name: "a\u202Etxt\n\u200Bé.key", path: [] });
  assert.is(words, "read the file a\\u{202e}txt\\u{a}\\u{200b}é.key");
});

cases.run();
