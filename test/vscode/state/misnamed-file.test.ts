import { suite } from "uvu";
import * as assert from "uvu/assert";
import { registerMisnamedFile, type MisnamedFileOptions } from "../../../src/vscode/state/misnamed-file.ts";

/** A window on the folders `a` and `b`, whose files and answers a test holds in its hands. */
const setUp = (files: readonly string[], answer?: string) => {
  const world = { files: new Set(files), messages: [] as string[], renames: [] as string[][], isWaiting: true, disposed: 0 };
  const listeners: (() => void)[] = [];
  const listen = (listener: () => void) => {
    listeners.push(listener);
    return { dispose: () => void (world.disposed += 1) };
  };
  const folder = (name: string) => ({ folder: { name, uri: name }, proxy: { status: () => ({ waitsFor: world.isWaiting ? "file" : undefined }) } });
  const options = {
    folders: { list: () => [folder("a"), folder("b")], onDidChange: listen },
    editor: {
      Disposable: { from: (...all: readonly { dispose(): void }[]) => ({ dispose: () => all.forEach((each) => each.dispose()) }) },
      Uri: { joinPath: (base: string, name: string) => `${base}/${name}` },
      l10n: { t: (text: string, ...values: readonly string[]) => text.replaceAll(/\{(\d)\}/g, (_, index: string) => values[Number(index)] ?? "") },
      window: {
        async showInformationMessage(message: string) {
          world.messages.push(message);
          return answer;
        },
      },
      workspace: {
        createFileSystemWatcher: () => ({ onDidCreate: listen, dispose: () => void (world.disposed += 1) }),
        fs: {
          stat: async (file: string) => (world.files.has(file) ? {} : Promise.reject(new Error("FileNotFound"))),
          rename: async (...args: readonly unknown[]) => void world.renames.push(args.map((part) => JSON.stringify(part))),
        },
      },
    },
  } as unknown as MisnamedFileOptions;
  const subscription = registerMisnamedFile(options);
  const turn = (): Promise<void> => new Promise((done) => void setImmediate(done));
  const change = (): Promise<void> => {
    for (const listener of listeners) listener();
    return turn();
  };
  return { world, change, turn, subscription };
};

const cases = suite("vscode/state/misnamed-file");

cases("says once that a .llmproxy.yml is not read", async () => {
  const { world, change, turn } = setUp(["a/.llmproxy.yml"]);
  await turn();
  await change();
  assert.equal(world.messages, ["LLM Proxy does not read .llmproxy.yml in a: the file is called .llmproxy.yaml."]);
  assert.equal(world.renames, []);
});

cases("gives it its name when asked to, and never writes over another", async () => {
  const { world, turn } = setUp(["b/.llmproxy.yml"], "Rename It");
  await turn();
  assert.equal(world.renames, [['"b/.llmproxy.yml"', '"b/.llmproxy.yaml"', '{"overwrite":false}']]);
});

cases("sees one that comes later, and has nothing to say beside a file that is read", async () => {
  const { world, change, turn, subscription } = setUp(["b/.llmproxy.yml", "b/.llmproxy.yaml"]);
  await turn();
  world.isWaiting = false;
  world.files.add("a/.llmproxy.yml");
  await change();
  assert.equal(world.messages, []);
  world.isWaiting = true;
  await change();
  assert.equal(world.messages.length, 1);
  subscription.dispose();
  assert.is(world.disposed, 3);
});

cases.run();
