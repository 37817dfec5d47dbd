import type { ModelHost } from "../models/host.ts";

/**
 * Counts the tokens of a text for a server that does not: by a model of the editor, of Copilot where it has some, for those
 * count with OpenAI's vocabulary; else by its length. The tokenizer that the terminal has would be most of this extension.
 */
export const createTokenCount = (host: Pick<ModelHost, "listModels">): ((text: string) => Promise<number>) => {
  const never = new AbortController().signal;
  const countByModel = async (text: string): Promise<number> => {
    const models = await host.listModels();
    const model = models.find(({ vendor }) => vendor === "copilot") ?? models[0];
    return model === undefined ? 0 : model.countTokens(text, never);
  };
  return async (text) => {
    // Providers that cannot count say 0.
    const counted = await countByModel(text).catch(() => 0);
    return counted > 0 ? counted : estimateTokens(text);
  };
};

/** A token has four bytes of UTF-8, about: a little more in English, a little less in code and in most other scripts. */
const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4);
