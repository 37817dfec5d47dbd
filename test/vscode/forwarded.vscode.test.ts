import * as assert from "uvu/assert";
import { configOf, fileName, findFreePort, isListening, untilServing, vsix } from "./served.ts";
import { editorSuite } from "./support/suite.ts";

// The windows of these tests are in a browser.
const test = editorSuite("vscode/forwarded", { extensions: [vsix], machineSettings: { "llmProxy.allowWithoutKey": false } });

test("in a browser, what asks for no key starts once somebody has had a key made, and then asks for it", async ({ folder, workbench }) => {
  const port = await findFreePort();
  await folder.write(fileName, configOf(port));
  const question = workbench.notification(/asks for no key/);
  await question.waitFor();
  assert.not(await isListening(port));
  await question.locator(".monaco-button", { hasText: "Create a Key" }).dispatchEvent("click");
  await untilServing(port);
  const { status } = await fetch(`http://127.0.0.1:${port}/v1/models`);
  assert.is(status, 401);
});

test.run();
