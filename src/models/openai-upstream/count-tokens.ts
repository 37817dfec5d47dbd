/** Runs without a break take the square of their length to count, so none is longer. */
const pieceLength = 1000;
/** How many pieces are counted before others may use the processor. */
const piecesATurn = 32;

/**
 * Tokens of a text by the tokenizer of OpenAI's newer models; for others an estimate, and mostly a close one. The tokenizer
 * is large and is loaded with the first text.
 */
export const countTokens = async (text: string): Promise<number> => {
  const tokenizer = await import("gpt-tokenizer/encoding/o200k_base");
  let tokens = 0;
  let pieces = 0;
  for (const piece of piecesOf(text)) {
    tokens += tokenizer.countTokens(piece, asPlainText);
    pieces += 1;
    if (pieces % piecesATurn === 0) await new Promise((resolve) => void setImmediate(resolve));
  }
  return tokens;
};

/** Words that steer a model count like others here: a prompt may speak of them. */
const asPlainText = { disallowedSpecial: new Set<string>() };

/** Cut before a space, where tokens mostly begin. */
function* piecesOf(text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const limit = start + pieceLength;
    const space = limit < text.length ? text.lastIndexOf(" ", limit) : -1;
    const end = limit >= text.length ? text.length : space > start ? space : limit;
    yield text.slice(start, end);
    start = end;
  }
}
