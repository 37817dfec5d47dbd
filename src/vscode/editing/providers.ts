import type * as vscode from "vscode";
import type { Path } from "../../config/problem.ts";
import type { Secrets } from "./secrets.ts";
import { addAlias } from "./add-alias.ts";
import { check } from "./check.ts";
import { createCompletionProvider } from "./completion-provider.ts";
import { createFixProvider, type FixProviderOptions } from "./fix-provider.ts";
import { createHoverProvider } from "./hover-provider.ts";
import { moveSecret } from "./move-secret.ts";
import { createNameProvider } from "./name-provider.ts";
import type { OfferSource } from "./offer-source.ts";
import { createOutlineProvider } from "./outline-provider.ts";
import { writeFirstFile } from "./write-first-file.ts";

export interface ProvidersOptions extends Pick<FixProviderOptions, "editor" | "reported"> {
  readonly offer: OfferSource;
  readonly secrets: Secrets;
}

/** Everything that helps with writing a file. This module is the door to what that takes: it is imported at the first need. */
export const createProviders = ({ editor, offer, secrets, reported }: ProvidersOptions) => ({
  completion: createCompletionProvider(editor, offer),
  hover: createHoverProvider(editor, offer),
  names: createNameProvider(editor),
  outline: createOutlineProvider(editor),
  fixes: createFixProvider({ editor, check, reported }),
  moveSecret: (file: vscode.Uri, path: Path) => moveSecret(editor, secrets, file, path),
  writeFirstFile: (folder: vscode.Uri | undefined) => writeFirstFile(editor, offer, folder),
  addAlias: (files: readonly vscode.Uri[]) => addAlias({ editor, offer, files }),
});
