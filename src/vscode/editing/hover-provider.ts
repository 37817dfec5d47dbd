import type * as vscode from "vscode";
import { toEditorRange } from "../editor-ranges.ts";
import { hoverAt } from "./hover.ts";
import type { OfferSource } from "./offer-source.ts";

/** What the language says of the word under the pointer. */
export const createHoverProvider = (editor: typeof vscode, offer: OfferSource): vscode.HoverProvider => ({
  async provideHover(document, position) {
    const found = hoverAt(document.getText(), document.offsetAt(position), (await offer()).models);
    return found && new editor.Hover(new editor.MarkdownString(found.text), toEditorRange(found.range, editor));
  },
});
