import type * as vscode from "vscode";
import { complete } from "./complete.ts";
import type { Completion } from "./completion.ts";
import type { OfferSource } from "./offer-source.ts";

/** What can stand at the cursor, as the editor lists it. */
export const createCompletionProvider = (editor: typeof vscode, offer: OfferSource): vscode.CompletionItemProvider => ({
  async provideCompletionItems(document, position) {
    const found = complete(document.getText(), document.offsetAt(position), await offer());
    if (found === undefined) return [];
    const range = new editor.Range(document.positionAt(found.start), document.positionAt(found.end));
    const [quote = ""] = /^["']/.exec(document.getText(range)) ?? [];
    // What is left of the cursor may be typed on at any letter: the list that was made for it stays right.
    return found.items.map((item, index) => toItem(item, index, quote, range, editor));
  },
});

const toItem = ({ label, kind, insert, detail, documentation, goesOn }: Completion, index: number, quote: string, range: vscode.Range, editor: typeof vscode): vscode.CompletionItem => {
  const item = new editor.CompletionItem(detail === undefined ? label : { label, description: detail }, kinds(editor)[kind]);
  item.range = range;
  item.insertText = insert;
  item.sortText = String(index).padStart(4, "0");
  // The quote is part of the word that is replaced, so the editor looks for it in what it filters.
  item.filterText = `${quote}${label}`;
  if (documentation !== undefined) item.documentation = new editor.MarkdownString(documentation);
  if (goesOn === true) item.command = { command: "editor.action.triggerSuggest", title: "" };
  return item;
};

const kinds = ({ CompletionItemKind: { Property, Value, Class, Reference, Constant } }: typeof vscode): Readonly<Record<Completion["kind"], vscode.CompletionItemKind>> =>
  ({ property: Property, value: Value, model: Class, name: Reference, secret: Constant });
