import type * as vscode from "vscode";
import type { Range } from "../config/positions.ts";
import type { Problem } from "../config/problem.ts";
import type { Folders } from "./folders.ts";

/** Shows what is wrong with each folder's file at its line, for as long as it is. */
export const registerDiagnostics = (editor: typeof vscode, folders: Folders): vscode.Disposable => {
  const collection = editor.languages.createDiagnosticCollection("llm-proxy");
  const shown = new Map<string, readonly Problem[]>();
  const show = (): void => {
    const listed = folders.list();
    for (const { file, proxy } of listed) {
      const { problems } = proxy.status();
      if (shown.get(file.toString()) === problems) continue;
      shown.set(file.toString(), problems);
      collection.set(file, problems.map((problem) => toDiagnostic(problem, editor)));
    }
    for (const key of shown.keys()) {
      if (listed.some(({ file }) => file.toString() === key)) continue;
      shown.delete(key);
      collection.delete(editor.Uri.parse(key));
    }
  };
  const subscription = folders.onDidChange(show);
  show();
  return editor.Disposable.from(subscription, collection);
};

const toDiagnostic = ({ severity, message, hint, range }: Problem, editor: typeof vscode): vscode.Diagnostic => {
  const diagnostic = new editor.Diagnostic(toRange(range, editor), `${message} ${hint}`, severities(editor)[severity]);
  diagnostic.source = "LLM Proxy";
  return diagnostic;
};

/** The editor counts from 0. */
const toRange = ({ start, end }: Range, { Range: EditorRange }: typeof vscode): vscode.Range =>
  new EditorRange(start.line - 1, start.column - 1, end.line - 1, end.column - 1);

const severities = ({ DiagnosticSeverity }: typeof vscode): Readonly<Record<Problem["severity"], vscode.DiagnosticSeverity>> => ({
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
});
