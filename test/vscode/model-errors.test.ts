import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ProxyError } from "../../src/errors.ts";
import { readFailure } from "../../src/vscode/model-errors.ts";

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });
const coded = (code: string, message = ""): Error => Object.assign(new Error(message), { code });

/** What comes out of the editor, and what the client gets while nothing of the answer has been sent: status and code. */
const failures: readonly (readonly [string, unknown, number, string | null])[] = [
  ["a model that is gone", coded("NotFound", "Language model 'x' cannot be found."), 503, "model_unavailable"],
  ["a blocked extension", coded("Blocked"), 429, "rate_limit_exceeded"],
  ["a used up quota", named("ChatQuotaExceeded", "Quota exceeded"), 402, "insufficient_quota"],
  ["too many requests", named("ChatRateLimited", "Rate limit exceeded\n\n{}"), 429, "rate_limit_exceeded"],
  ["a quota that a service tells as a rate", named("ChatRateLimited", 'Rate limit exceeded\n\n{"message":"no more","code":"insufficient_quota"}'), 402, "insufficient_quota"],
  ["a service that is overloaded", named("ChatRateLimited", 'Rate limit exceeded\n\n{"code":"upstream_provider_rate_limit","message":"{\\"error\\":{\\"message\\":\\"busy\\"}}"}'), 503, "upstream_error"],
  ["a refusal of the model itself", new Error("Model declined to respond."), 400, "content_filter"],
  ["a model that the service does not know", new Error('{"message":"no such model","type":"t","param":null,"code":"model_not_found"}'), 404, null],
  ["a network that broke off", new Error("Please check your firewall rules and network connection then try again. Error Code: terminated: other side closed."), 502, "upstream_error"],
  ["no network", new Error("It appears you're not connected to the internet, please check your network connection and try again."), 502, "upstream_error"],
  ["a filtered prompt", new Error("Response got filtered."), 400, "content_filter"],
  ["a filtered prompt, in other words", new Error("Filtered by Responsible AI Service\n\n{}"), 400, "content_filter"],
  ["too long a prompt", new Error("Message exceeds token limit."), 400, "context_length_exceeded"],
  ["too many tools", new Error("Cannot have more than 128 tools per request."), 400, null],
  ["a tool name that is not allowed", new Error("Invalid tool name \"a b\". Names must match"), 400, null],
  ["a request without messages", new Error("Invalid request: no messages."), 400, null],
  ["a service's refusal", new Error('Request Failed: 400 {"error":{"message":"model not supported","code":"model_not_supported"}}'), 400, "model_not_supported"],
  ["a service's context limit", new Error('Request Failed: 400 {"error":{"message":"too many","code":"model_max_prompt_tokens_exceeded"}}'), 400, "context_length_exceeded"],
  ["a service's 422, which SDKs take for another thing", new Error('Request Failed: 422 {"error":{"message":"no"}}'), 400, null],
  ["a service's 401", new Error("Request Failed: 401 unauthorized: token expired"), 401, null],
  ["a service's 429", new Error("Request Failed: 429 slow down"), 429, "rate_limit_exceeded"],
  ["a service's own failure", new Error("Server error: 500"), 500, "upstream_error"],
  ["a connection that broke off", new Error("Server error. Stream terminated"), 502, "upstream_error"],
  ["a request that VS Code cancelled", named("Canceled", "Canceled"), 502, "upstream_error"],
  ["an unknown error", new Error("boom"), 502, "upstream_error"],
  ["a thrown string, which arrives without words", named("", ""), 502, "upstream_error"],
  ["a name that every object knows", named("constructor", "boom"), 502, "upstream_error"],
  ["a thing that is no error, as for a damaged image", { isTrusted: true }, 400, null],
];

const read = (thrown: unknown, hasBegun = false) => readFailure(thrown, { model: "copilot/gpt-4o", hasBegun });

const errorOf = (thrown: unknown, hasBegun = false): Error => {
  const failure = read(thrown, hasBegun);
  if (!("error" in failure)) throw new Error("this is no error");
  return failure.error;
};

const errors = suite("vscode/model-errors");

for (const [what, thrown, status, code] of failures) {
  errors(`gives ${status} ${code ?? "without a code"} for ${what}`, () => {
    const error = errorOf(thrown);
    assert.instance(error, ProxyError);
    assert.equal([(error as ProxyError).status, (error as ProxyError).code], [status, code]);
    assert.match(error.message, /copilot\/gpt-4o/);
  });
}

errors("ends an answer that became too long, and one that was filtered on its way, like any other that is over", () => {
  assert.equal(read(new Error("Response too long."), true), { finishReason: "length" });
  assert.equal(read(new Error("Response got filtered."), true), { finishReason: "content-filter" });
});

errors("gives an empty answer away as such, so that asking again is safe", () => {
  assert.is(errorOf(new Error("Response contained no choices.")).name, "EmptyAnswerError");
});

errors("does not call a broken answer whole", () => {
  assert.is(errorOf(new Error("Stream closed prematurely"), true).name, "CutAnswerError");
  assert.is(errorOf(named("Canceled", "Canceled"), true).name, "CutAnswerError");
  assert.is(errorOf(new Error("Please check your firewall rules and network connection then try again. Error Code: terminated."), true).name, "CutAnswerError");
});

errors("says for how long a blocked extension is blocked, and that trying again at once is no use", () => {
  const error = errorOf(coded("Blocked")) as ProxyError;
  assert.equal([error.retryAfterMs, error.isRetryable], [300_000, false]);
});

errors("shows the first line of what a model says, and not more than fits", () => {
  const { message } = errorOf(new Error(`${"x".repeat(1000)}\nsecret`));
  assert.ok(message.length < 400);
  assert.not.match(message, /secret/);
});

errors("shows what a service says, not the JSON around it", () => {
  assert.is(errorOf(new Error('{"message":"no such model","code":"x"}')).message, "copilot/gpt-4o failed: no such model");
  assert.is(
    errorOf(named("ChatRateLimited", 'Rate limit exceeded\n\n{"code":"upstream_provider_rate_limit","message":"{\\"error\\":{\\"message\\":\\"busy\\"}}"}')).message,
    "The provider of copilot/gpt-4o is overloaded: busy",
  );
});

errors("leaves an error of our own as it is", () => {
  const own = new ProxyError({ status: 418, type: "server_error", code: null, message: "tea" });
  assert.is(errorOf(own), own);
});

errors.run();
