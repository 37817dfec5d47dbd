// `npm run generate-docs`: l10n/bundle.l10n.json, every sentence that the extension shows, for translators to start from.
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { isMain } from "./is-main.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
export const bundlePath = join(root, "l10n/bundle.l10n.json");

/** The sources that show anything to a person. */
export const shownSources = () => ["src/extension.ts", ...globSync("src/vscode/**/*.ts", { cwd: root })].map((path) => path.replaceAll("\\", "/")).toSorted((a, b) => (a < b ? -1 : 1));

export const readSource = (path) => ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true);

/** `path:line` of a node. */
export const placeOf = (node) => {
  const file = node.getSourceFile();
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
};

/** Calls `visit` for a node and all below it. */
export const walk = (node, visit) => {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
};

/** Whether a node is `l10n.t(...)`. */
export const isTranslation = (node) => ts.isCallExpression(node) && /(^|\.)l10n\.t$/.test(node.expression.getText());

/** Every sentence by itself, in the order of the alphabet. Throws where one is put together, which no translator could find. */
export const renderBundle = () => {
  const sentences = new Set();
  for (const path of shownSources()) {
    walk(readSource(path), (node) => {
      if (!isTranslation(node)) return;
      const [sentence] = node.arguments;
      if (sentence === undefined || !ts.isStringLiteralLike(sentence)) throw new Error(`${placeOf(node)}: write the sentence out, with {0} where a value comes in.`);
      sentences.add(sentence.text);
    });
  }
  const entries = [...sentences].toSorted((a, b) => (a < b ? -1 : 1)).map((sentence) => [sentence, sentence]);
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
};

if (isMain(import.meta.url)) {
  mkdirSync(dirname(bundlePath), { recursive: true });
  writeFileSync(bundlePath, renderBundle());
}
