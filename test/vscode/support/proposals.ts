import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * code-server lets every extension use every proposed API, so that what throws in a released VS Code passes here. The two bundles that ask
 * "may this extension use that proposal?" get the answer of a released VS Code back, which is yes only to a built-in extension that declares
 * it, and a switch for tests that want it the other way.
 */
const bundles = [
  {
    path: "out/vs/workbench/api/node/extensionHostProcess.js",
    isOpen: `process.env.LLM_PROXY_TEST_PROPOSALS==="open"`,
  },
  {
    path: "out/vs/code/browser/workbench/workbench.js",
    isOpen: `globalThis.llmProxyTestProposals==="open"`,
  },
];

/** The environment of a server whose extension hosts let every proposal pass. */
export const openProposalsEnvironment = { LLM_PROXY_TEST_PROPOSALS: "open" };

/** For a window of such a server; runs in the page before the workbench does. */
export const openProposalsInitScript = `globalThis.llmProxyTestProposals = "open";`;

/** The function that always says yes, known by its neighbour: the one that throws when the answer is no. */
const alwaysYes =
  /function ([\w$]+)\(([\w$]+),([\w$]+)\)\{return!0\}(?=function [\w$]+\(([\w$]+),([\w$]+)\)\{if\(!\1\(\4,\5\)\)throw new Error\(`Extension '\$\{\4\.identifier\.value\}' CANNOT use API proposal)/;

/** Patches the bundles of a VS Code in `vscodeFolder`; throws when one has no such function, rather than leave it open. */
export const closeProposals = async (vscodeFolder: string): Promise<void> => {
  for (const { path, isOpen } of bundles) {
    const file = join(vscodeFolder, path);
    const source = await readFile(file, "utf8");
    const patched = source.replace(
      alwaysYes,
      (_, name: string, extension: string, proposal: string) =>
        `function ${name}(${extension},${proposal}){return ${isOpen}||` +
        `${extension}.isBuiltin&&!!${extension}.enabledApiProposals?.includes(${proposal})}`,
    );
    if (patched === source) throw new Error(`${path} has no check of API proposals that proposals.ts knows.`);
    await writeFile(file, patched);
  }
};
