import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeError } from "../../../src/protocols/anthropic-messages/encode-error.ts";

const cases = suite("protocols/anthropic-messages/encode-error");

for (const [status, type] of [
  [400, "invalid_request_error"], [401, "authentication_error"], [402, "billing_error"], [403, "permission_error"], [404, "not_found_error"],
  [405, "invalid_request_error"], [408, "timeout_error"], [413, "request_too_large"], [415, "invalid_request_error"], [429, "rate_limit_error"],
  [500, "api_error"], [502, "api_error"], [503, "overloaded_error"], [504, "timeout_error"],
] as const) {
  cases(`${status} is ${type}`, () => {
    assert.is(encodeError({ status, message: "What to do." }, "req-1"), `{"type":"error","error":{"type":"${type}","message":"What to do."},"request_id":"req-1"}`);
  });
}

cases.run();
