import type * as vscode from "vscode";

/**
 * What the host uses of the editor's API, so that a test can hand it a double. `typeof vscode` fits.
 * The last two are newer than the types of the oldest supported version, whose run time has them all the same.
 */
export interface LanguageModelApi {
  readonly lm: Pick<typeof vscode.lm, "selectChatModels" | "onDidChangeChatModels">;
  readonly CancellationTokenSource: typeof vscode.CancellationTokenSource;
  readonly LanguageModelChatMessage: Pick<typeof vscode.LanguageModelChatMessage, "User" | "Assistant">;
  readonly LanguageModelChatToolMode: Readonly<Record<"Auto" | "Required", vscode.LanguageModelChatToolMode>>;
  readonly LanguageModelTextPart: typeof vscode.LanguageModelTextPart;
  readonly LanguageModelToolCallPart: typeof vscode.LanguageModelToolCallPart;
  readonly LanguageModelToolResultPart: typeof vscode.LanguageModelToolResultPart;
  readonly LanguageModelDataPart?: typeof LanguageModelDataPart;
  readonly LanguageModelThinkingPart?: typeof LanguageModelThinkingPart;
}

/** Bytes with a media type: an image on the way in; usage and the provider's own notes on the way out. */
export declare class LanguageModelDataPart {
  readonly mimeType: string;
  readonly data: Uint8Array;
  constructor(data: Uint8Array, mimeType: string);
}

/** What the model thought before it answered. */
export declare class LanguageModelThinkingPart {
  readonly value: string | readonly string[];
  constructor(value: string | readonly string[]);
}
