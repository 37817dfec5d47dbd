// The same cases as for the double, where every part goes the way through a real editor.
import * as assert from "uvu/assert";
import { configOf, fileName, findFreePort, untilServing } from "../served.ts";
import type { Editor } from "../support/editor.ts";
import { editorSuite } from "../support/suite.ts";
import { endless, providerCases } from "./cases.ts";
import { askWhole, isOutcome } from "./outcome.ts";
import { leaveEarly, playCase, type Stage } from "./play-case.ts";

const test = editorSuite("vscode/provider/window", { window: "shared" });

const ports = new WeakMap<object, Promise<number>>();

const serve = async ({ folder }: Editor): Promise<number> => {
  const port = await findFreePort();
  await folder.write(fileName, configOf(port));
  await untilServing(port);
  return port;
};

/** One proxy for each window. */
const stageOf = async (editor: Editor): Promise<Stage> => {
  const { window, models } = editor;
  const serving = ports.get(window) ?? serve(editor);
  ports.set(window, serving);
  return {
    url: `http://127.0.0.1:${await serving}/v1`,
    async direct(scripts) {
      await models.reset();
      const [last = [], ...earlier] = scripts.toReversed();
      await models.respond(last);
      // What was said last counts.
      for (const script of earlier) await models.respond(script, { once: true });
    },
    firstCall: async () => (await models.calls())[0],
  };
};

for (const providerCase of providerCases) test(providerCase.title, async (editor) => playCase(providerCase, await stageOf(editor)));

test("an image that the editor cannot decode is refused before a provider is asked", async (editor) => {
  const stage = await stageOf(editor);
  await stage.direct([[]]);
  const broken = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.from("no image at all")]).toString("base64");
  const messages = [{ role: "user", content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${broken}` } }] }];
  isOutcome(await askWhole(stage.url, { messages }), { status: 400, code: null }, "whole");
  assert.equal(await editor.models.calls(), []);
});

test("a client that leaves stops the provider", { versions: ["1.139"] }, async (editor) => {
  const stage = await stageOf(editor);
  await stage.direct([endless]);
  await leaveEarly(stage.url);
  await editor.models.until("cancelled");
});

test("a client that leaves is not told of to the provider", { versions: ["1.104"] }, async (editor) => {
  const stage = await stageOf(editor);
  await stage.direct([endless]);
  const left = leaveEarly(stage.url);
  await editor.models.until("paused");
  await left;
  await editor.models.resume();
  await editor.models.until("ended");
  const [call] = await editor.models.calls();
  assert.not(call?.events.some(({ event }) => event === "cancelled"));
});

test.run();
