/** Measures an answer against a limit of tokens as it comes. */
export interface OutputGauge {
  /** As much of `piece`, from its start, as still fits; all of it while the limit is far. */
  fit(piece: string): Promise<string>;
}

/**
 * Asks the model for its count only when the limit could have been reached: no token is smaller than a byte, so text of
 * fewer bytes than tokens are left surely fits. A count that fails lets everything through.
 */
export const createOutputGauge = (limit: number, countTokens: (text: string) => Promise<number>): OutputGauge => {
  let text = "";
  let atMost = 0;
  const fits = async (candidate: string): Promise<boolean> => {
    const tokens = await countTokens(candidate);
    if (tokens <= limit) atMost = tokens;
    return tokens <= limit;
  };
  /** The longest beginning of `piece` that fits after the text so far; never half a character. */
  const longestFit = async (piece: string): Promise<string> => {
    const characters = Array.from(piece);
    let [low, high] = [0, characters.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (await fits(text + characters.slice(0, middle).join(""))) low = middle;
      else high = middle - 1;
    }
    return characters.slice(0, Math.max(0, low)).join("");
  };
  return {
    async fit(piece) {
      atMost += Buffer.byteLength(piece);
      const isFitting = atMost <= limit || await fits(text + piece).catch(() => true);
      const fitting = isFitting ? piece : await longestFit(piece).catch(() => piece);
      text += fitting;
      return fitting;
    },
  };
};
