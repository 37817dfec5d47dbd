import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bundlePath, isTranslation, placeOf, readSource, renderBundle, shownSources, walk } from "../../scripts/generate-l10n.mjs";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** Methods of the editor whose texts people read, and properties of what they are handed. */
const methods = /\.(show(Information|Warning|Error)Message|showQuickPick|showInputBox|setStatusBarMessage|withProgress)$/;
const properties: readonly string[] = ["title", "placeHolder", "prompt", "label", "description", "detail", "tooltip", "justification", "value"];

/** Names that are the same in every language. */
const names: readonly string[] = ["LLM Proxy", "curl", "Python", "Node", "pip install openai", "npm install openai"];

/** Completion explains the language of the file in the words of its schema, and these are English everywhere. */
const schemaWords: readonly string[] = ["src/vscode/editing/complete.ts", "src/vscode/editing/complete-values.ts"];

const isText = (node: ts.Node): node is ts.StringLiteralLike | ts.TemplateExpression => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

/** Whether a person would read words there: what is put together from values and signs alone is none. */
const hasWords = (node: ts.StringLiteralLike | ts.TemplateExpression): boolean => {
  const fixed = ts.isTemplateExpression(node) ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)] : [node.text];
  return fixed.some((part) => /[A-Za-z]{2}/.test(part.replaceAll(/\$\([\w~-]+\)/g, ""))) && !names.includes(fixed.join(""));
};

/** Texts in a node that no translator would find; those handed to the translation are found. */
const untranslated = (node: ts.Node): readonly ts.Node[] => {
  if (isTranslation(node)) return [];
  if (isText(node)) return hasWords(node) ? [node] : [];
  if (ts.isConditionalExpression(node)) return [...untranslated(node.whenTrue), ...untranslated(node.whenFalse)];
  return ts.isBinaryExpression(node) ? [...untranslated(node.left), ...untranslated(node.right)] : [];
};

/** What the editor is handed to show in one place: arguments of its methods, and properties of what it lists. */
const shownIn = (node: ts.Node): readonly ts.Node[] => {
  if (ts.isCallExpression(node) && methods.test(node.expression.getText())) return [...node.arguments];
  return ts.isPropertyAssignment(node) && properties.includes(node.name.getText()) ? [node.initializer] : [];
};

const cases = suite("vscode/l10n");

cases("hands every text that the editor shows to the translation", () => {
  const found: string[] = [];
  for (const path of shownSources().filter((source) => !schemaWords.includes(source))) {
    walk(readSource(path), (node: ts.Node) => {
      for (const shown of shownIn(node)) for (const text of untranslated(shown)) found.push(`${placeOf(text)}: ${text.getText()}`);
    });
  }
  assert.equal(found, [], "Write l10n.t(\"…\") around it, with {0} where a value comes in.");
});

cases("has every sentence in the bundle that translators start from", () => {
  assert.is(readFileSync(bundlePath, "utf8"), renderBundle(), "Run `npm run generate-docs`.");
});

cases("defines every text that package.json names, and no other", () => {
  const named = [...read("package.json").matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? "");
  assert.equal([...new Set(named)].toSorted(), Object.keys(JSON.parse(read("package.nls.json")) as object).toSorted());
});

cases("names no text of what it contributes in package.json itself", () => {
  const { contributes } = JSON.parse(read("package.json")) as { readonly contributes: unknown };
  const texts = [...JSON.stringify(contributes).matchAll(/"(title|markdownDescription|description|label|altText)":"([^"]*)"/g)].map(([, , text]) => text ?? "");
  assert.equal(texts.filter((text) => !text.startsWith("%") && !names.includes(text)), []);
});

cases("has a picture for every step of the walkthrough", () => {
  const { contributes: { walkthroughs } } = JSON.parse(read("package.json")) as { readonly contributes: { readonly walkthroughs: readonly { readonly steps: readonly { readonly media: { readonly image: string } }[] }[] } };
  const pictures = walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.image));
  assert.ok(pictures.length > 0);
  for (const picture of pictures) assert.ok(existsSync(new URL(`../../${picture}`, import.meta.url)), picture);
});

cases("ships what it names", () => {
  const { l10n } = JSON.parse(read("package.json")) as { readonly l10n: string };
  assert.ok(bundlePath.startsWith(fileURLToPath(new URL(`../../${l10n.slice(2)}`, import.meta.url))));
});

cases.run();
