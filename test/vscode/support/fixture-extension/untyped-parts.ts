import * as vscode from "vscode";

interface DataPart {
  readonly data: Uint8Array;
  readonly mimeType: string;
}

/** Classes that both versions have at run time, released ones too, and that the older one's types leave out. */
export const { LanguageModelDataPart, LanguageModelThinkingPart } = vscode as unknown as {
  LanguageModelDataPart: new (data: Uint8Array, mimeType: string) => DataPart & vscode.LanguageModelResponsePart;
  LanguageModelThinkingPart: new (value: string) => vscode.LanguageModelResponsePart;
};
