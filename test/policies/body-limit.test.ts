import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bodyLimit } from "../../src/policies/body-limit.ts";
import { exchangeOf, refusalOf } from "../support/exchange.ts";

const limit = suite("policies/body-limit");

limit("refuses a declared length above the limit before a byte is read", () => {
  const policy = bodyLimit({ maxBodyBytes: 100 });
  const error = refusalOf(() => policy(exchangeOf({ headers: { "content-length": "101" } })));
  assert.equal([error?.status, error?.code, error?.isRetryable], [413, "request_too_large", false]);
  assert.match(error?.message ?? "", "100 bytes");
  assert.is(refusalOf(() => policy(exchangeOf({ headers: { "content-length": "100" } }))), undefined);
});

limit("refuses lengths beyond what a number holds", () => {
  const policy = bodyLimit({ maxBodyBytes: 100 });
  assert.is(refusalOf(() => policy(exchangeOf({ headers: { "content-length": "9".repeat(400) } })))?.status, 413);
});

limit("hands its limit to whoever reads a body that declares no length", () => {
  const exchange = exchangeOf();
  bodyLimit({ maxBodyBytes: 100 })(exchange);
  assert.is(exchange.maxBodyBytes, 100);
});

limit.run();
