import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Message } from "../../src/chat/request.ts";
import { pairResults } from "../../src/emulation/paired-results.ts";
import { finish, playAnswers, requestOf, text } from "../support/played-call.ts";
import { emulated, partsOf } from "./emulated.ts";

const user = (words: string): Message => ({ role: "user", content: [{ type: "text", text: words }] });
const calls = (...ids: readonly string[]): Message => ({ role: "assistant", content: [], toolCalls: ids.map((id) => ({ id, name: "look", argumentsText: "{}" })) });
const result = (toolCallId: string): Message => ({ role: "tool", toolCallId, content: [{ type: "text", text: `of ${toolCallId}` }] });
const noResult = (toolCallId: string): Message => ({ role: "tool", toolCallId, content: [{ type: "text", text: "This call was not run: there is no result." }] });

const cases = suite("emulation/paired-results");

cases("a conversation in order reaches the host as it is, through no layer", async () => {
  for (const messages of [
    [user("a"), calls("1", "2"), result("2"), result("1"), user("b")],
    [calls("1"), result("1"), calls("1"), result("1")],
    [calls("1", "1"), result("1"), result("1")],
    [user("a"), { role: "assistant", content: [], toolCalls: [] } as Message],
  ]) {
    const played = playAnswers([[text("x"), finish()]]);
    const request = requestOf({ messages });
    await partsOf(emulated(played.call), request);
    assert.is(played.requests[0]?.messages, messages);
  }
});

cases("results stand behind their call, what was in between after them", () => {
  assert.equal(pairResults([calls("1", "2"), result("1"), user("wait"), result("2")]), [calls("1", "2"), result("1"), result("2"), user("wait")]);
});

cases("a call without a result gets one that says so, before the next turn", () => {
  assert.equal(pairResults([calls("1", "2"), result("1"), user("stop"), calls("3")]), [calls("1", "2"), result("1"), noResult("2"), user("stop"), calls("3"), noResult("3")]);
});

cases("a result without a call is what a user says", () => {
  assert.equal(pairResults([result("0"), user("a")]), [{ role: "user", content: [{ type: "text", text: "Result of an earlier tool call:\n" }, { type: "text", text: "of 0" }] }, user("a")]);
});

cases("whatever the conversation: every call is followed by its results and nothing else, and nothing said is lost", () => {
  const id = fc.constantFrom("1", "2", "3");
  const message = fc.oneof(fc.string().map(user), fc.uniqueArray(id, { minLength: 1 }).map((ids) => calls(...ids)), id.map(result));
  fc.assert(fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
    const paired = pairResults(messages);
    for (const [index, one] of paired.entries()) {
      if (one.role === "assistant") {
        const following = paired.slice(index + 1, index + 1 + one.toolCalls.length).map((next) => (next.role === "tool" ? next.toolCallId : ""));
        assert.equal(following.sort(), one.toolCalls.map((call) => call.id).sort());
      }
    }
    assert.is(paired.filter(({ role }) => role === "tool").length, paired.flatMap((one) => (one.role === "assistant" ? one.toolCalls : [])).length);
    const words = (list: readonly Message[]): string => list.flatMap(({ content }) => content.map((part) => (part.type === "text" ? part.text : ""))).filter((said) => said.startsWith("of ")).sort().join();
    assert.is(words(paired), words(messages));
    assert.equal(pairResults(paired), paired);
  }), { numRuns: 500 });
});

cases.run();
