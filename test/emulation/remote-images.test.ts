import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ImageLink, Message } from "../../src/chat/request.ts";
import { finish, playAnswers, text } from "../support/played-call.ts";
import type { ChatCall } from "../../src/chat/call.ts";
import { emulate, type EmulationServices } from "../../src/emulation/emulate.ts";
import { invalidField } from "../../src/errors.ts";
import { createHandClock } from "../support/hand-clock.ts";
import { emulated, errorOf, partsOf } from "./emulated.ts";

const link = (index: number): ImageLink => ({ type: "image-link", url: `https://example.com/${index}`, field: `messages[0].content[${index}]` });
const user = (...links: readonly ImageLink[]): readonly Message[] => [{ role: "user", content: [{ type: "text", text: "See:" }, ...links] }];

const cases = suite("emulation/remote-images");

cases("a host sees the images and never a link; several choices share them", async () => {
  const played = playAnswers([[text("a"), finish()]], [[text("b"), finish()]]);
  await partsOf(emulated(played.call), { messages: user(link(1), link(2)), choiceCount: 2 });
  for (const { messages } of played.requests) {
    assert.equal(messages, [{
      role: "user",
      content: [{ type: "text", text: "See:" }, ...[1, 2].map((index) => ({ type: "image", mediaType: "image/png", data: Buffer.from(`https://example.com/${index}`) }))],
    }]);
  }
});

cases("the seventeenth is refused by its field", async () => {
  const error = await errorOf(partsOf(emulated(playAnswers().call), { messages: user(...Array.from({ length: 17 }, (_, index) => link(index))) }));
  assert.is(error.status, 400);
  assert.is(error.param, "messages[0].content[16]");
});

/** A model whose images come from `fetchImage`. */
const withImagesOf = (fetchImage: EmulationServices["connections"]["fetchImage"]): ChatCall =>
  emulate({ vendor: "test", id: "model", chat: playAnswers().call, countTokens: async () => 1 }, { clock: createHandClock(), connections: { fetchImage } });

cases("images that are too large together are refused, though each would do", async () => {
  const data = Buffer.alloc(8 * 1024 * 1024);
  const error = await errorOf(partsOf(withImagesOf(async () => ({ type: "image", mediaType: "image/png", data })), { messages: user(link(1), link(2), link(3)) }));
  assert.equal([error.status, error.param], [400, "messages[0].content[3]"]);
  assert.match(error.message, "20971520 bytes together");
});

cases("one that cannot be had stops the others", async () => {
  const stopped = Promise.withResolvers<void>();
  const error = await errorOf(partsOf(withImagesOf(({ field }, signal) => {
    signal.addEventListener("abort", () => stopped.resolve());
    return field.includes("[2]") ? Promise.reject(invalidField(field, "no")) : new Promise(() => {});
  }), { messages: user(link(1), link(2)) }));
  assert.is(error.param, "messages[0].content[2]");
  await stopped.promise;
});

cases.run();
