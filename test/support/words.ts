import type { Words } from "../../src/vscode/words.ts";

/** The words as they stand in the sources, with their values put in as the editor does. */
export const words = {
  t: (text: string, ...values: readonly unknown[]) => text.replaceAll(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)])),
} as Words;
