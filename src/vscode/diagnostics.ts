import type * as vscode from "vscode";
import type { Problem } from "../config/problem.ts";
import type { Drafts } from "./editing/drafts.ts";
import { toEditorRange } from "./editor-ranges.ts";
import type { Folders } from "./folders.ts";

/** Shows what is wrong with each folder's file at its line, for as long as it is; of one that is being written, as it stands there. */
export const registerDiagnostics = (editor: typeof vscode, folders: Folders, drafts: Drafts): vscode.Disposable => {
  const collection = editor.languages.createDiagnosticCollection("llm-proxy");
  const shown = new Map<string, readonly Problem[]>();
  const show = (): void => {
    const wanted = new Map(folders.list().map(({ file, proxy }) => [file.toString(), proxy.status().problems]));
    for (const [file, problems] of drafts.problems()) wanted.set(file, problems);
    for (const [file, problems] of wanted) {
      if (shown.get(file) === problems) continue;
      shown.set(file, problems);
      collection.set(editor.Uri.parse(file), problems.map((problem) => toDiagnostic(problem, editor)));
    }
    for (const file of shown.keys()) {
      if (wanted.has(file)) continue;
      shown.delete(file);
      collection.delete(editor.Uri.parse(file));
    }
  };
  const subscriptions = [folders.onDidChange(show), drafts.onDidChange(show)];
  show();
  return editor.Disposable.from(...subscriptions, collection);
};

const toDiagnostic = ({ severity, message, hint, range }: Problem, editor: typeof vscode): vscode.Diagnostic => {
  const diagnostic = new editor.Diagnostic(toEditorRange(range, editor), `${message} ${hint}`, severities(editor)[severity]);
  diagnostic.source = "LLM Proxy";
  return diagnostic;
};

const severities = ({ DiagnosticSeverity }: typeof vscode): Readonly<Record<Problem["severity"], vscode.DiagnosticSeverity>> => ({
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
});
