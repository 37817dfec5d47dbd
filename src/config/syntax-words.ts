import type { YAMLError } from "yaml";
import type { Fix } from "./fix.ts";
import type { Range } from "./positions.ts";
import { syntaxFix, type SyntaxFixName } from "./syntax-fixes.ts";

export interface Words {
  readonly message: string;
  readonly hint: string;
  readonly fixes?: readonly Fix[];
}

/**
 * What is wrong with the YAML and what to write instead, from the parser's finding and the text around it. Nothing of the
 * file is quoted: a stray line may hold a secret.
 */
export const syntaxWords = (error: YAMLError, text: string, rangeAt: (start: number, end: number) => Range): Words => {
  const context = contextOf(error.pos[0], text);
  const slip = slips.find((candidate) => candidate.matches(error, context));
  if (slip !== undefined) return { ...slip.words, ...(slip.fix && syntaxFix(slip.fix, error.pos[0], text, rangeAt)) };
  return {
    message: `${error.message.replace(/:? "[^]*$/, "").replace(/\.$/, "")}.`,
    hint: hints[error.code] ?? "Compare the indentation, brackets and quotes of this line and of the one before.",
  };
};

interface Context {
  readonly line: string;
  /** From the finding to the end of its line. */
  readonly rest: string;
  /** From the start of the line to the finding. */
  readonly before: string;
}

const contextOf = (offset: number, text: string): Context => {
  const start = Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1;
  const length = text.slice(offset).search(/[\r\n]/);
  const end = length < 0 ? text.length : offset + length;
  // Lines of a hostile file may be a megabyte long.
  return { line: text.slice(start, Math.min(end, start + 2000)), rest: text.slice(offset, Math.min(end, offset + 500)), before: text.slice(Math.max(start, offset - 500), offset) };
};

interface Slip {
  readonly matches: (error: YAMLError, context: Context) => boolean;
  readonly words: Words;
  readonly fix?: SyntaxFixName;
}

/** What people write when they mean something else; the first that matches speaks. */
const slips: readonly Slip[] = [
  {
    matches: (error, { before }) => error.code === "TAB_AS_INDENT" || /^ *\t/.test(before),
    words: { message: "A tab indents this line.", hint: "YAML is indented with spaces: replace the tab by two spaces a level." },
    fix: "tabs",
  },
  {
    matches: (_, { before, rest }) => before.endsWith("$") && rest.startsWith("{"),
    words: { message: "A reference in a { … } or [ … ] has no quotes.", hint: "Put it in double quotes, as in { key: \"${env:CI_KEY}\" }." },
    fix: "reference",
  },
  {
    matches: (error, { before, rest }) => starErrors.has(error.code) && (/(?:^|[\s[{,])\*:?\s*$/.test(before) || /^\*(?:[\s,\]}:]|$)/.test(rest)),
    words: { message: "A * begins an alias of YAML here.", hint: "Put it in quotes where it is text: \"*\"." },
    fix: "star",
  },
  {
    matches: (error, { rest }) => error.code === "BAD_SCALAR_START" && /^[@`%&!|>]/.test(rest),
    words: { message: "This character has a meaning of its own at the start of a value.", hint: "Put the value in double quotes." },
    fix: "value",
  },
  {
    matches: (error, { line }) => (error.code === "MULTILINE_IMPLICIT_KEY" || error.code === "MISSING_CHAR") && /^\s*(?:- +)?[A-Za-z_][\w-]*:[^\s:/]/.test(line),
    words: { message: "There is no space after the colon.", hint: "Write a space after the colon: name: value." },
    fix: "colon",
  },
  {
    matches: (error, { before }) => error.code === "BLOCK_AS_IMPLICIT_KEY" && /:\s+$/.test(before),
    words: { message: "This line holds a second colon, or the next one is indented as if it belonged to it.", hint: "Put a value with a colon in double quotes, and indent names of one level alike." },
    fix: "secondColon",
  },
  {
    matches: (_, { rest }) => /^\s*-(?:\s|$)/.test(rest),
    words: { message: "This item is not in line with the list it belongs to.", hint: "Give every - of one list the same number of spaces before it." },
  },
  {
    matches: (error) => error.message.startsWith("Missing closing"),
    words: { message: "A quote is not closed.", hint: "Write the second quote at the end of the text." },
  },
  {
    matches: (error) => error.message.startsWith("Flow "),
    words: { message: "A bracket is not closed.", hint: "Close every [ with a ] and every { with a }, in that order." },
  },
  {
    matches: (error) => error.code === "BAD_DQ_ESCAPE",
    words: { message: "A backslash in double quotes begins an escape, and this is none.", hint: "Use single quotes, or write the backslash twice." },
    fix: "backslash",
  },
  {
    matches: (error) => error.code === "MULTIPLE_DOCS",
    words: { message: "A second document begins here.", hint: "One file is one configuration: remove the line --- or what follows it." },
  },
  {
    matches: (error) => error.code === "TAG_RESOLVE_FAILED",
    words: { message: "This tag has no meaning here.", hint: "Remove it: values need no tag, and text that begins with ! needs quotes." },
  },
  {
    matches: (error) => error.code === "BAD_DIRECTIVE",
    words: { message: "This directive has no meaning here.", hint: "Remove the line: the file needs no directive." },
  },
  {
    matches: (error) => error.code === "RESOURCE_EXHAUSTION",
    words: { message: "This is nested too deeply.", hint: "No part of a configuration is more than a few levels deep." },
  },
];

/** What the parser makes of a lone star. */
const starErrors: ReadonlySet<string> = new Set(["BAD_ALIAS", "UNEXPECTED_TOKEN", "MISSING_CHAR"]);

const hints: Partial<Record<YAMLError["code"], string>> = {
  BAD_INDENT: "Indent names of one level alike, and close every bracket that is open.",
  MISSING_CHAR: "Close the quote or bracket, or write the colon or comma that is missing.",
  UNEXPECTED_TOKEN: "Quote the value if it is one text, or move this to a line of its own.",
};
