import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Risk } from "../../src/config/risks.ts";
import { createFolderConsent } from "../../src/vscode/folder-consent.ts";
import { words } from "../support/words.ts";

const cases = suite("vscode/folder-consent");

const file = "/home/me/project/.llmproxy.yaml";
const upstream: Risk = { kind: "upstream", name: "https://llm.example.com/v1", path: ["upstreams", "a", "baseUrl"] };
const variable: Risk = { kind: "env", name: "A_KEY", sentTo: upstream.name, path: ["upstreams", "a", "apiKey"] };

/** A window in which a test answers the questions that come, and a memory that outlives it. */
const setUp = (kept = new Map<string, unknown>()) => {
  const questions: { readonly text: string; readonly buttons: readonly string[]; answer(button?: string): Promise<void> }[] = [];
  const lists: { readonly labels: readonly string[]; answer(label?: string): Promise<void> }[] = [];
  let allowed = 0;
  const consent = createFolderConsent({
    l10n: words,
    window: {
      showWarningMessage: (text: string, ...buttons: readonly unknown[]) => new Promise<never>((resolve) => {
        questions.push({ text, buttons: buttons as readonly string[], answer: (button) => settle(() => resolve(button as never)) });
      }),
      showQuickPick: (items: unknown) => new Promise<never>((resolve) => {
        const labelled = items as readonly { readonly label: string }[];
        lists.push({ labels: labelled.map(({ label }) => label), answer: (wanted) => settle(() => resolve(labelled.find(({ label }) => label === wanted) as never)) });
      }),
    },
    memory: {
      get: (key: string, otherwise?: unknown) => (kept.has(key) ? kept.get(key) : otherwise) as never,
      async update(key: string, value: unknown) {
        if (value === undefined) kept.delete(key);
        else kept.set(key, value);
      },
    },
    onAllow: () => void (allowed += 1),
  });
  return { consent, questions, lists, kept, allowed: () => allowed };
};

/** Does it, and lets all that follows happen. */
const settle = async (act: () => void): Promise<void> => {
  act();
  await new Promise((done) => void setImmediate(done));
};

cases("asks nothing where there is nothing to allow", () => {
  const { consent, questions } = setUp();
  assert.is(consent.allows(file, []), true);
  assert.is(questions.length, 0);
});

cases("asks once what the file would do, and allows it once that is allowed", async () => {
  const { consent, questions, allowed } = setUp();
  assert.is(consent.allows(file, [upstream, variable]), false);
  assert.is(consent.allows(file, [variable, upstream]), false);
  assert.equal(questions.map(({ text, buttons }) => [text, buttons]), [[
    "LLM Proxy asks before it serves project/.llmproxy.yaml. The file would send prompts to https://llm.example.com/v1; "
    + "read the environment variable A_KEY and send it to https://llm.example.com/v1.",
    ["Allow", "Not Now"],
  ]]);
  assert.is(allowed(), 0);
  await questions[0]?.answer("Allow");
  assert.is(allowed(), 1);
  assert.is(consent.allows(file, [upstream, variable]), true);
});

cases("remembers an answer for the next window, for that file and that content alone", async () => {
  const { consent, questions, kept } = setUp();
  consent.allows(file, [upstream]);
  await questions[0]?.answer("Allow");
  const next = setUp(kept);
  assert.is(next.consent.allows(file, [upstream]), true);
  assert.is(next.consent.allows("/home/me/other/.llmproxy.yaml", [upstream]), false);
  assert.is(next.consent.allows(file, [upstream, variable]), false);
  assert.is(next.questions.length, 2);
  assert.is(next.consent.allows(file, [upstream]), true, "what is asked about now takes nothing back");
});

for (const button of ["Not Now", undefined]) {
  cases(`takes ${button ?? "a message that was closed"} for a no, and asks again when it is told to`, async () => {
    const { consent, questions, allowed } = setUp();
    consent.allows(file, [upstream]);
    await questions[0]?.answer(button);
    assert.is(consent.allows(file, [upstream]), false);
    assert.equal([questions.length, allowed()], [1, 0]);
    consent.askAgain();
    assert.is(consent.allows(file, [upstream]), false);
    assert.is(questions.length, 2);
  });
}

cases("forgets all that a file was allowed, and nothing of others", async () => {
  const { consent, questions } = setUp();
  const other = "/home/me/other/.llmproxy.yaml";
  for (const [path, risks] of [[file, [upstream]], [file, [variable]], [other, [upstream]]] as const) consent.allows(path, risks);
  for (const question of questions) await question.answer("Allow");
  assert.is(await consent.forget(file), true);
  assert.equal([consent.allows(file, [upstream]), consent.allows(file, [variable]), consent.allows(other, [upstream])], [false, false, true]);
  assert.is(await consent.forget(file), false);
});

cases("shows a list that is too long for a message in full, with the answer behind its end", async () => {
  const { consent, questions, lists } = setUp();
  const many = Array.from({ length: 40 }, (_, index): Risk => ({ ...upstream, name: `https://server-${index}.example.com/v1` }));
  consent.allows(file, many);
  assert.match(questions[0]?.text ?? "", "40 things");
  assert.ok((questions[0]?.text.length ?? 0) < 1000, "the editor cuts longer messages off");
  assert.equal(questions[0]?.buttons, ["Review", "Not Now"]);
  await questions[0]?.answer("Review");
  assert.equal(lists[0]?.labels, [...many.map(({ name }) => `send prompts to ${name}`), "Allow"]);
  await lists[0]?.answer(lists[0].labels[0]);
  assert.is(consent.allows(file, many), false);
  consent.askAgain();
  consent.allows(file, many);
  await questions[1]?.answer("Review");
  await lists[1]?.answer("Allow");
  assert.is(consent.allows(file, many), true);
});

cases("shows a name that would be a link as text", () => {
  const { consent, questions } = setUp();
  consent.allows(file, [{ kind: "file", name: "[a key](command:workbench.action.quit)", path: [] }]);
  assert.not.match(questions[0]?.text ?? "", "](");
});

cases.run();
