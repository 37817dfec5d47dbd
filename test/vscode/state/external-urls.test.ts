import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createExternalUrls } from "../../../src/vscode/state/external-urls.ts";
import { runningFolder } from "../../support/folder-status.ts";

const cases = suite("vscode/state/external-urls");

/** A window with one proxy on port 8080, which another machine reaches through `https://remote.test/8080`. */
const setUp = ({ remoteName, isWeb = false, forwards = true }: { readonly remoteName?: string; readonly isWeb?: boolean; readonly forwards?: boolean }) => {
  const asked: string[] = [];
  const listeners = new Set<() => void>();
  const external = createExternalUrls({
    UIKind: { Desktop: 1, Web: 2 },
    Uri: { parse: (text: string) => ({ toString: () => text }) },
    env: {
      remoteName, uiKind: isWeb ? 2 : 1,
      asExternalUri: async (uri: { toString(): string }) => {
        asked.push(uri.toString());
        return { toString: () => `https://remote.test/${new URL(uri.toString()).port}/` };
      },
    },
    workspace: { getConfiguration: () => ({ get: () => forwards }) },
  } as unknown as Parameters<typeof createExternalUrls>[0], {
    list: () => [{ status: () => runningFolder("a", 8080) }] as unknown as ReturnType<Parameters<typeof createExternalUrls>[1]["list"]>,
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  });
  const settle = (): Promise<void> => new Promise((done) => void setImmediate(done));
  return { external, asked, listeners, settle };
};

const local = "http://127.0.0.1:8080/v1";

cases("knows no other address where the editor runs on the user's own machine", async () => {
  const { external, asked, settle } = setUp({});
  await settle();
  assert.equal([external.of(local), await external.ask(local), asked], [undefined, undefined, []]);
});

for (const where of [{ remoteName: "ssh-remote" }, { isWeb: true }] as const) {
  cases(`asks once for the address of what runs (${Object.keys(where)[0]})`, async () => {
    const { external, asked, settle, listeners } = setUp(where);
    await settle();
    assert.is(external.of(local), "https://remote.test/8080/v1");
    for (const listener of listeners) listener();
    assert.equal(asked, ["http://127.0.0.1:8080"]);
    assert.is(await external.ask(local), "https://remote.test/8080/v1");
    assert.is(asked.length, 2, "what somebody takes along is looked up anew");
  });
}

cases("has no port forwarded unasked where the user does not want that", async () => {
  const { external, asked, settle } = setUp({ remoteName: "ssh-remote", forwards: false });
  await settle();
  assert.equal([external.of(local), asked], [undefined, []]);
  assert.is(await external.ask(local), "https://remote.test/8080/v1");
});

cases("tells of an address once it is known", async () => {
  const { external, settle } = setUp({ remoteName: "ssh-remote" });
  let told = 0;
  external.onDidChange(() => void (told += 1));
  await settle();
  assert.is(told, 1);
});

cases.run();
