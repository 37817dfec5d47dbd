import type * as vscode from "vscode";
import type { Problem } from "../../config/problem.ts";
import type { Clock } from "../../services.ts";
import type { Folders } from "../folders.ts";
import { selector } from "./documents.ts";
import { createOfferSource } from "./offer-source.ts";
import { moveSecretCommand, type Secrets } from "./secrets.ts";

export interface EditingOptions {
  readonly folders: Folders;
  readonly secrets: Secrets;
  readonly clock: Clock;
}

/** Where something new can be written. Letters too: in YAML the editor takes plain text for prose and suggests nothing in it by itself. */
const triggers = " :/\"'[{,-$*_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".split("");

/** Help with writing a file: it is loaded when the first of them is opened, or at the first command. */
export const registerEditing = (editor: typeof vscode, { folders, secrets, clock }: EditingOptions): vscode.Disposable => {
  const { commands, languages } = editor;
  const offer = createOfferSource({ lm: editor.lm, clock, secrets, env: process.env });
  const reported = (file: vscode.Uri): readonly Problem[] => folders.list().find((folder) => folder.file.toString() === file.toString())?.proxy.status().problems ?? [];
  let loading: ReturnType<typeof load> | undefined;
  const load = async () => (await import("./providers.ts")).createProviders({ editor, offer, secrets, reported });
  const loaded = (): ReturnType<typeof load> => (loading ??= load());
  return editor.Disposable.from(
    languages.registerCompletionItemProvider(selector, { provideCompletionItems: async (...asked) => (await loaded()).completion.provideCompletionItems(...asked) }, ...triggers),
    languages.registerHoverProvider(selector, { provideHover: async (...asked) => (await loaded()).hover.provideHover(...asked) }),
    languages.registerDefinitionProvider(selector, { provideDefinition: async (...asked) => (await loaded()).names.provideDefinition(...asked) }),
    languages.registerReferenceProvider(selector, { provideReferences: async (...asked) => (await loaded()).names.provideReferences(...asked) }),
    languages.registerRenameProvider(selector, {
      prepareRename: async (...asked) => (await loaded()).names.prepareRename?.(...asked),
      provideRenameEdits: async (...asked) => (await loaded()).names.provideRenameEdits(...asked),
    }),
    languages.registerDocumentSymbolProvider(selector, { provideDocumentSymbols: async (...asked) => (await loaded()).outline.provideDocumentSymbols(...asked) }, { label: "LLM Proxy" }),
    languages.registerCodeActionsProvider(selector, { provideCodeActions: async (...asked) => (await loaded()).fixes.provideCodeActions(...asked) }, { providedCodeActionKinds: [editor.CodeActionKind.QuickFix] }),
    commands.registerCommand(moveSecretCommand, async (file: vscode.Uri, path: readonly (string | number)[]) => (await loaded()).moveSecret(file, path)),
    commands.registerCommand("llmProxy.writeFirstFile", async (folder?: unknown) => (await loaded()).writeFirstFile(folder instanceof editor.Uri ? folder : undefined)),
    commands.registerCommand("llmProxy.addAlias", async () => (await loaded()).addAlias(folders.list().filter(({ proxy }) => proxy.status().hasFile).map(({ file }) => file))),
  );
};
