import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withSettings, type RequestSettings } from "../../src/models/request-settings.ts";
import type { ChatRequest } from "../../src/chat/request.ts";
import { aliasOf, routeOf } from "../support/config.ts";
import { requestOf } from "../support/played-call.ts";
import { ask, createTestApp } from "../support/test-app.ts";
import { nextTurn } from "../support/turn.ts";

const cases = suite("models/request-settings");

const settings: RequestSettings = {
  sampling: { temperature: 0.2, seed: 42 },
  maxOutputTokens: 1000,
  stopSequences: ["END"],
  extraOptions: { reasoning_effort: "low" },
};

cases("a default is set where the request has nothing, and nowhere else", () => {
  const request: ChatRequest = { ...requestOf(), sampling: { temperature: 1 }, maxOutputTokens: 5 };
  const { sampling, maxOutputTokens, stopSequences, extraOptions, ignoredOptions } = withSettings(request, { defaults: settings });
  assert.equal({ sampling, maxOutputTokens, stopSequences, extraOptions, ignoredOptions }, {
    sampling: { temperature: 1, seed: 42 }, maxOutputTokens: 5, stopSequences: ["END"], extraOptions: { reasoning_effort: "low" }, ignoredOptions: ["reasoning_effort"],
  });
});

cases("an override is set whatever the request has, and the default too", () => {
  const request: ChatRequest = { ...requestOf(), sampling: { temperature: 1, topP: 0.5 }, maxOutputTokens: 5, stopSequences: ["x"], ignoredOptions: ["reasoning_effort", "logprobs"], extraOptions: { reasoning_effort: "high" } };
  const defaults: RequestSettings = { sampling: { temperature: 0.9, presencePenalty: 1 }, maxOutputTokens: 9, extraOptions: {} };
  const { sampling, maxOutputTokens, stopSequences, extraOptions, ignoredOptions } = withSettings(request, { defaults, overrides: settings });
  assert.equal({ sampling, maxOutputTokens, stopSequences, extraOptions, ignoredOptions }, {
    sampling: { temperature: 0.2, presencePenalty: 1, topP: 0.5, seed: 42 },
    maxOutputTokens: 1000,
    stopSequences: ["END"],
    extraOptions: { reasoning_effort: "low" },
    ignoredOptions: ["reasoning_effort", "logprobs"],
  });
});

cases("a request to an alias without settings is the same one", () => {
  const request = requestOf();
  assert.is(withSettings(request, {}), request);
});

cases("the model gets them, and the answer says what it could not do", async () => {
  const app = createTestApp({ config: { models: [{ ...aliasOf("test", { kind: "selector", id: "test" }), defaults: settings, overrides: { sampling: { topP: 0.1 }, extraOptions: {} } }], routes: [routeOf({})] } });
  const answer = app.post(ask({ temperature: 0.7 }));
  const call = await app.host.nextCall();
  assert.equal(call.request.sampling, { temperature: 0.7, seed: 42, topP: 0.1 });
  assert.is(call.request.maxOutputTokens, 1000);
  assert.equal(call.request.ignoredOptions, ["reasoning_effort"]);
  call.say("Hi");
  call.finish();
  await nextTurn();
  assert.is((await answer).status, 200);
});

cases.run();
