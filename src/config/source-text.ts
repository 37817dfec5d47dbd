import { Lexer } from "yaml";
import { createPositions, fileStart, type Range } from "./positions.ts";
import type { Problem } from "./problem.ts";

/** No configuration is larger; a file that is was named `.llmproxy.yaml` by mistake or malice. */
export const maxFileBytes = 1024 * 1024;

/**
 * The most words, brackets, spaces and line ends that are parsed: some 5,000 aliases. Reading them takes a tenth of a
 * second; a file of a megabyte with a bracket a byte would take ten.
 */
const maxLexemes = 50_000;

export type SourceText = { readonly text: string } | { readonly problem: Problem };

/**
 * The text of a file, without its byte order mark, once it is small enough and plain enough to be parsed.
 * @param source text, or the bytes of the file, which must be UTF-8
 */
export const readSource = (source: string | Uint8Array): SourceText => {
  const bytes = typeof source === "string" ? Buffer.byteLength(source) : source.byteLength;
  if (bytes > maxFileBytes) return { problem: tooLarge };
  const decoded = typeof source === "string" ? { text: source } : decode(source);
  if ("problem" in decoded) return decoded;
  // An editor leaves the mark out of its text, so positions are counted without it.
  const text = decoded.text.replace(/^\uFEFF/, "");
  const problem = findControlCharacter(text) ?? findTooMuch(text);
  return problem === undefined ? { text } : { problem };
};

const decode = (bytes: Uint8Array): SourceText => {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { problem: sourceProblem("The file is UTF-16.", saveAsUtf8, fileStart) };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    const readable = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const at = readable.indexOf("\uFFFD");
    return { problem: sourceProblem("The file is not UTF-8: it holds a byte that no UTF-8 text has.", saveAsUtf8, createPositions(readable)(at, at + 1)) };
  }
};

const saveAsUtf8 = "Save it with the encoding UTF-8.";

/** YAML allows tabs and line ends only; a NUL is the usual sign of another encoding. @see YAML 1.2.2 section 5.1 */
const findControlCharacter = (text: string): Problem | undefined => {
  const at = text.search(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/);
  if (at < 0) return undefined;
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
  const hint = code === "0000" ? saveAsUtf8 : `Remove it, or write "\\u${code}" in double quotes.`;
  return sourceProblem(`The control character U+${code} is not allowed here.`, hint, createPositions(text)(at, at + 1));
};

const findTooMuch = (text: string): Problem | undefined => {
  let lexemes = 0;
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > maxLexemes) {
      return sourceProblem("The file holds more than a configuration can: it is read up to here only.", "Remove what is not configuration.", createPositions(text)(offset));
    }
    // The lexer's own marks for the start of a scalar and the like stand for no text.
    if (!/^[\u0002\u0018\u001F]$/.test(lexeme)) offset += lexeme.length;
  }
  return undefined;
};

const sourceProblem = (message: string, hint: string, range: Range): Problem => ({ severity: "error", message, hint, path: [], range });

/** How large it is nobody knows: no more of it was read than shows that it is too large. */
const tooLarge = sourceProblem("The file is larger than 1 MiB, which is all that is read.", "Remove what is not configuration.", fileStart);
