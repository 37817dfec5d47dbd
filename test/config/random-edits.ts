import * as fc from "fast-check";

/** What a slip of the hand, a merge conflict or a half-finished edit leaves behind. */
const pieces = [
  "\t", " ", "  ", "\n", "\n\n", "\r\n", ":", ": ", "- ", "*", "*a", "&a ", "<<: *a", "{", "}", "[", "]", ",", "\"", "'", "#", "|", ">", "!", "!!str ", "%", "@", "`", "?",
  "~", "null", "true", "0", "-1", "1e999", ".inf", "4.10", "\"8080\"", "${env:CI_KEY}", "\"${env:CI_KEY}\"", "${", "<<<<<<< HEAD\n", "=======\n", ">>>>>>> other\n",
  "---\n", "...\n", "%YAML 1.1\n---\n", "\u0000", "\u001B", "\uFEFF", "\uFFFD", "\uD800", "\u2028", "é", "🙂", "__proto__: 1\n", "constructor", "x-a: &a { b: *a }\n",
  "host: 0.0.0.0", "auth: none", "version: 2\n", "routes:\n", "models:\n", "keys: {}\n", "echo: {}",
];

export type Edit = (text: string) => string;

const place = fc.nat({ max: 5000 });
const at = (text: string, where: number): number => where % (text.length + 1);

/** Anything that may happen to the text of a file. @param files texts that may be put after it */
export const editOf = (files: readonly string[]): fc.Arbitrary<Edit> => fc.oneof(
  fc.tuple(place, fc.constantFrom(...pieces)).map(([where, piece]): Edit => (text) => text.slice(0, at(text, where)) + piece + text.slice(at(text, where))),
  fc.tuple(place, fc.nat({ max: 30 })).map(([where, length]): Edit => (text) => text.slice(0, at(text, where)) + text.slice(at(text, where) + length)),
  fc.tuple(place, place).map(([from, to]): Edit => (text) => moveLine(text, from, to)),
  fc.tuple(place, fc.nat({ max: 4 })).map(([where, indent]): Edit => (text) => indentLine(text, where, indent)),
  fc.constantFrom(...files).map((other): Edit => (text) => text + other),
  place.map((where): Edit => (text) => text.slice(0, at(text, where))),
);

const moveLine: (text: string, from: number, to: number) => string = (text, from, to) => {
  const lines = text.split("\n");
  const [line = ""] = lines.splice(from % lines.length, 1);
  lines.splice(to % (lines.length + 1), 0, line);
  return lines.join("\n");
};

const indentLine = (text: string, where: number, indent: number): string => {
  const lines = text.split("\n");
  const index = where % lines.length;
  lines[index] = " ".repeat(indent) + (lines[index] ?? "").trimStart();
  return lines.join("\n");
};
