import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { trustedProxies } from "../../src/policies/trusted-proxies.ts";
import { listenerOf, routeOf } from "../support/config.ts";
import { exchangeOf } from "../support/exchange.ts";
import { ask } from "../support/test-app.ts";
import { withServer } from "../support/test-server.ts";

const cases = suite("policies/trusted-proxies");

const clientOf = (forwarded: string | undefined, address = "10.0.0.1", networks: readonly string[] = ["10.0.0.0/8", "fd00::/8"]): string | undefined => {
  const exchange = exchangeOf({ address, headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded } });
  trustedProxies({ trustedProxies: networks })(exchange);
  return exchange.clientAddress;
};

cases("takes a trusted proxy's word for its client", () => {
  assert.is(clientOf("203.0.113.9"), "203.0.113.9");
  assert.is(clientOf("2001:db8::9"), "2001:db8::9");
  assert.is(clientOf("203.0.113.9", "fd00::1"), "203.0.113.9");
  assert.is(clientOf("::ffff:203.0.113.9"), "203.0.113.9");
});

cases("believes nobody else", () => {
  assert.is(clientOf("203.0.113.9", "192.0.2.1"), "192.0.2.1");
  assert.is(clientOf("203.0.113.9", "127.0.0.1"), "127.0.0.1");
  assert.is(clientOf("203.0.113.9", ""), "");
});

cases("goes from hop to hop, and not past the first that is not trusted", () => {
  assert.is(clientOf("203.0.113.9, 10.1.1.1, 10.2.2.2"), "203.0.113.9");
  assert.is(clientOf("1.2.3.4, 203.0.113.9"), "203.0.113.9");
  assert.is(clientOf("1.2.3.4, 203.0.113.9, 10.1.1.1"), "203.0.113.9");
});

cases("stays with the last address that it can tell", () => {
  assert.is(clientOf(undefined), "10.0.0.1");
  assert.is(clientOf(""), "10.0.0.1");
  assert.is(clientOf("unknown"), "10.0.0.1");
  assert.is(clientOf("203.0.113.9, _hidden, 10.1.1.1"), "10.1.1.1");
  assert.is(clientOf("10.1.1.1, 10.2.2.2"), "10.1.1.1");
  for (const nonsense of ["203.0.113.256", "203.0.113.9/8", "<script>", ",,,", "1"]) assert.is(clientOf(nonsense), "10.0.0.1", nonsense);
});

cases("reads addresses with ports and brackets", () => {
  assert.is(clientOf("203.0.113.9:4711"), "203.0.113.9");
  assert.is(clientOf("[2001:db8::9]:4711"), "2001:db8::9");
  assert.is(clientOf("[2001:db8::9]"), "2001:db8::9");
});

cases("whatever a client writes, it cannot name another one than the proxy saw", () => {
  fc.assert(fc.property(fc.string(), fc.ipV4().filter((address) => !address.startsWith("10.")), (claim, seen) => {
    assert.is(clientOf(`${claim}, ${seen}`), seen);
  }), { numRuns: 300 });
});

cases("limits per address count the client behind the proxy", () =>
  withServer({
    config: {
      listeners: [listenerOf({ trustedProxies: ["127.0.0.1"] })],
      routes: [routeOf({ rateLimit: { per: "ip", requestsPerMinute: 1 } })],
    },
  }, async ({ url }) => {
    const statusFor = async (forwarded: string): Promise<number> => {
      const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json", "x-forwarded-for": forwarded }, body: JSON.stringify(ask({ model: "echo" })) });
      await response.text();
      return response.status;
    };
    assert.is(await statusFor("203.0.113.9"), 200);
    assert.is(await statusFor("203.0.113.10"), 200);
    assert.is(await statusFor("203.0.113.9"), 429);
    assert.is(await statusFor("198.51.100.1, 203.0.113.9"), 429);
  }));

cases.run();
