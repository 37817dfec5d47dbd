import type * as vscode from "vscode";
import { toEditorRange } from "../editor-ranges.ts";
import { outlineOf, type OutlineItem } from "./outline.ts";

/** The sections of the file and what each declares. */
export const createOutlineProvider = (editor: typeof vscode): vscode.DocumentSymbolProvider => ({
  provideDocumentSymbols: (document) => outlineOf(document.getText()).map((item) => toSymbol(item, editor)),
});

const toSymbol = ({ name, detail, kind, range, nameRange, children }: OutlineItem, editor: typeof vscode): vscode.DocumentSymbol => {
  const symbol = new editor.DocumentSymbol(name, detail, kinds(editor)[kind], toEditorRange(range, editor), toEditorRange(nameRange, editor));
  symbol.children = children.map((child) => toSymbol(child, editor));
  return symbol;
};

const kinds = ({ SymbolKind: { Namespace, Property, Function: Callable, Class, Key, Interface, Module } }: typeof vscode): Readonly<Record<OutlineItem["kind"], vscode.SymbolKind>> =>
  ({ section: Namespace, value: Property, route: Callable, alias: Class, key: Key, listener: Interface, upstream: Module });
