import { suite } from "uvu";
import * as assert from "uvu/assert";
import { renderTooltip } from "../../../src/vscode/state/tooltip.ts";
import { folderStatus, runningFolder, servedOn } from "../../support/folder-status.ts";
import { words } from "../../support/words.ts";

const noneElsewhere = () => undefined;

const tooltip = suite("vscode/state/tooltip");

tooltip("shows each folder by name, with links that mean that folder", () => {
  const shown = renderTooltip([{ id: "file:///a", status: runningFolder("a", 8080) }, { id: "file:///b", status: folderStatus({ name: "b" }) }], true, words, noneElsewhere);
  const [first = "", second = ""] = shown.split("\n\n---\n\n");
  assert.match(first, /^\*\*a\*\*: running, generation 0a1b2c3d\n\n\| \| \|\n/);
  assert.match(first, "http\\://127\\.0\\.0\\.1\\:8080/v1 | openai\\-chat, no key");
  assert.match(first, `[Stop](command:llmProxy.stop?${encodeURIComponent('["file:///a"]')})`);
  assert.is(second, `**b**: stopped\n\n[Start](command:llmProxy.start?${encodeURIComponent('["file:///b"]')})`);
});

tooltip("takes no word of a folder or a file for Markdown", () => {
  const hostile = "[x](command:workbench.action.quit) | ![](http://a.test)\n# $(bug) <b>";
  const proxy = servedOn([8080], { models: [hostile] });
  const shown = renderTooltip([{ id: "file:///a(b)", status: folderStatus({ name: hostile, state: "running", proxy }) }], true, words, noneElsewhere);
  assert.is(shown.replaceAll(/\[[^\]\\]+\]\(command:llmProxy\.\w+(\?[^()]*)?\)/g, "").match(/(?<!\\)[[\]()<>]/g), null);
  assert.is(shown.split("\n").filter((line) => line.startsWith("| Models")).length, 1);
});

tooltip("tells where a proxy is reached from the machine that its user sits at", () => {
  const shown = renderTooltip([{ id: "a", status: runningFolder("a", 8080) }], true, words, (url) => url.replace("127.0.0.1:8080", "remote.test/proxy/8080"));
  assert.match(shown, String.raw`| From your machine | http\://remote\.test/proxy/8080/v1 |`);
});

tooltip("says why nothing starts in a folder that is not trusted", () => {
  assert.match(renderTooltip([{ id: "a", status: folderStatus() }], false, words, noneElsewhere), "starts nothing in a folder that you do not trust");
});

tooltip.run();
