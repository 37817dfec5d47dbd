import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load, type Loaded } from "../../src/config/load.ts";
import { sha256 } from "../../src/config/references.ts";
import { createForwardedPorts, windowKeyName } from "../../src/vscode/forwarded-ports.ts";

const cases = suite("vscode/forwarded-ports");

const file = "/home/me/project/.llmproxy.yaml";
const open = "version: 1\n";
const keyed = 'version: 1\nkeys: { ci: { key: "${env:CI_KEY}" } }\n';
const half = `${keyed}routes: [{ path: /v1 }, { path: /open, auth: none }]\n`;

interface Window {
  readonly remoteName?: string;
  readonly uiKind?: "desktop" | "web";
  readonly allowWithoutKey?: boolean;
}

/** A window in which a test answers the questions that come; what it keeps outlives it. */
const setUp = ({ remoteName, uiKind = "desktop", allowWithoutKey = false }: Window = { remoteName: "ssh-remote" }, kept = new Map<string, unknown>(), stored = new Map<string, string>()) => {
  const questions: { readonly text: string; readonly buttons: readonly string[]; answer(button?: string): Promise<void> }[] = [];
  const copied: string[] = [];
  let answers = 0;
  const show = (text: string, ...buttons: readonly unknown[]) => new Promise<never>((resolve) => {
    questions.push({
      text,
      buttons: buttons as readonly string[],
      async answer(button) {
        resolve(button as never);
        await new Promise((done) => void setImmediate(done));
      },
    });
  });
  const editor = {
    env: { remoteName, uiKind: uiKind === "web" ? 2 : 1, clipboard: { writeText: async (text: string) => void copied.push(text) } },
    UIKind: { Desktop: 1, Web: 2 },
    l10n: { t: (text: string, ...values: readonly unknown[]) => text.replaceAll(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)])) },
    window: { showWarningMessage: show, showInformationMessage: show },
    workspace: { getConfiguration: () => ({ get: () => allowWithoutKey }) },
  };
  const forwarded = createForwardedPorts({
    editor: editor as never,
    memory: {
      get: (key: string) => kept.get(key) as never,
      async update(key: string, value: unknown) {
        if (value === undefined) kept.delete(key);
        else kept.set(key, value);
      },
    },
    secrets: {
      read: async (name) => {
        const value = stored.get(name);
        return value === undefined ? { missing: "It is not set.", hint: "Set it." } : { value };
      },
      store: async (name, value) => void stored.set(name, value),
    },
    onAnswer: () => void (answers += 1),
  });
  const guard = async (text: string, path = file): Promise<Loaded> => forwarded.guard(path, await load(text));
  return { forwarded, guard, questions, kept, stored, copied, answers: () => answers };
};

for (const [what, window] of [["a remote window", { remoteName: "codespaces" }], ["a window in a browser", { uiKind: "web" }]] as const) {
  cases(`in ${what}, what asks for no key is held back and asked about once`, async () => {
    const { guard, questions } = setUp(window);
    for (let times = 0; times < 2; times += 1) {
      const { config, isHeld, problems } = await guard(open);
      assert.equal([config, isHeld, problems.map(({ severity }) => severity)], [undefined, true, ["warning"]]);
    }
    assert.equal(questions.map(({ buttons }) => buttons), [["Create a Key", "No Key"]]);
    assert.match(questions[0]?.text ?? "", "project/.llmproxy.yaml");
  });
}

cases("on a desktop, with keys everywhere, and where the user's settings say so, nothing is asked", async () => {
  const settled = [
    await setUp({}).guard(open),
    await setUp().guard(keyed),
    await setUp({ remoteName: "wsl", allowWithoutKey: true }).guard(open),
  ];
  for (const { config, isHeld } of settled) assert.equal([config === undefined, isHeld], [false, undefined]);
  assert.equal(settled.map(({ config }) => config?.routes[0]?.auth.accepts), ["none", ["ci"], "none"]);
});

cases("No Key serves the file as it is, now and in later windows, for that file alone", async () => {
  const { guard, questions, kept, answers } = setUp();
  await guard(open);
  await questions[0]?.answer("No Key");
  assert.is(answers(), 1);
  assert.is((await guard(open)).config?.routes[0]?.auth.accepts, "none");
  const next = setUp({ remoteName: "ssh-remote" }, kept);
  assert.is((await next.guard(open)).isHeld, undefined);
  assert.is((await next.guard(open, "/home/me/other/.llmproxy.yaml")).isHeld, true);
});

cases("Create a Key asks for one key on every route that asked for none, keeps it, and lets others as they were", async () => {
  const { guard, questions, stored, copied } = setUp();
  await guard(half);
  await questions[0]?.answer("Create a Key");
  const key = stored.get(windowKeyName) ?? "";
  assert.match(key, /^sk-llmp-[\w-]{43}$/);
  const { config, isHeld } = await guard(half);
  assert.is(isHeld, undefined);
  assert.equal(config?.routes.map(({ auth }) => auth.accepts), [["ci"], [windowKeyName]]);
  assert.is(config?.keys.find(({ name }) => name === windowKeyName)?.sha256, sha256(key));
  assert.is.not(config?.generation, (await load(half)).config?.generation);
  assert.not.match(JSON.stringify(config), key);
  await questions[1]?.answer("Copy Key");
  assert.equal(copied, [key]);
});

cases("a key that is there already serves the next folder too, and one that was taken away is asked about anew", async () => {
  const { guard, questions, stored, forwarded } = setUp();
  const other = "/home/me/other/.llmproxy.yaml";
  await guard(open);
  await questions[0]?.answer("Create a Key");
  const key = stored.get(windowKeyName);
  await guard(open, other);
  await questions[2]?.answer("Create a Key");
  assert.is(stored.get(windowKeyName), key);
  stored.clear();
  forwarded.askAgain();
  assert.is((await guard(open)).isHeld, true);
  assert.equal(questions.at(-1)?.buttons, ["Create a Key", "No Key"]);
});

cases("a question that is closed is no answer; starting asks it again, and forgetting too", async () => {
  const { guard, questions, forwarded, answers } = setUp();
  await guard(open);
  await questions[0]?.answer();
  assert.equal([(await guard(open)).isHeld, questions.length, answers()], [true, 1, 0]);
  forwarded.askAgain();
  await guard(open);
  await questions[1]?.answer("No Key");
  assert.equal([forwarded.hasAnswer(file), (await guard(open)).isHeld], [true, undefined]);
  await forwarded.forget(file);
  forwarded.askAgain();
  assert.equal([forwarded.hasAnswer(file), (await guard(open)).isHeld, questions.length], [false, true, 3]);
});

cases("a file with errors is told of its errors, and asked nothing", async () => {
  const { guard, questions } = setUp();
  const { isHeld, problems } = await guard("version: 2\n");
  assert.equal([isHeld, problems[0]?.severity, questions.length], [undefined, "error", 0]);
});

cases.run();
