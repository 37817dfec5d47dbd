import { withFixes, type Fix } from "./fix.ts";
import type { Range } from "./positions.ts";

/** What a slip in the syntax is mended by; each looks at the text around the parser's finding. */
export type SyntaxFixName = keyof typeof fixers;

/** The fixes of one slip, ready to be spread into a problem: none where the text is not as expected. */
export const syntaxFix = (name: SyntaxFixName, offset: number, text: string, rangeAt: (start: number, end: number) => Range): { readonly fixes?: readonly Fix[] } =>
  withFixes(fixers[name](placeOf(offset, text)).map(({ title, changes }) => ({
    title,
    edits: changes.map(({ start, end, text: replacement }) => ({ range: rangeAt(start, end), text: replacement })),
  })).filter(({ edits }) => edits.length > 0));

interface Place {
  readonly text: string;
  readonly offset: number;
  readonly lineStart: number;
  /** Without its end; only the start of one of hostile length. */
  readonly line: string;
}

interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Mending {
  readonly title: string;
  readonly changes: readonly Change[];
}

const placeOf = (offset: number, text: string): Place => {
  const lineStart = Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1;
  const [line = ""] = /^[^\r\n]{0,2000}/.exec(text.slice(lineStart, lineStart + 2000)) ?? [];
  return { text, offset, lineStart, line };
};

const inQuotes = "Put it in quotes";

/** Puts what `pattern` matches at `start` into double quotes. */
const quoteAt = ({ text }: Place, start: number, pattern: RegExp): readonly Change[] => {
  const [written = ""] = pattern.exec(text.slice(start, start + 500)) ?? [];
  const quoted = written.trimEnd();
  return quoted === "" || /["\\]/.test(quoted) ? [] : [{ start, end: start + quoted.length, text: `"${quoted}"` }];
};

const fixers = {
  /** All tabs of the file at once: where one is, others are. */
  tabs: ({ text }: Place): readonly Mending[] => [{
    title: "Indent with spaces",
    changes: [...text.matchAll(/^ *\t[ \t]*/gm)].slice(0, 1000).map(({ 0: indent, index }) => ({ start: index, end: index + indent.length, text: indent.replaceAll("\t", "  ") })),
  }],
  reference: (place: Place): readonly Mending[] => [{ title: inQuotes, changes: quoteAt(place, place.offset - 1, /^\$\{[^{}\r\n]*\}/) }],
  star: (place: Place): readonly Mending[] => {
    const column = place.line.lastIndexOf("*", place.offset - place.lineStart);
    return column < 0 ? [] : [{ title: inQuotes, changes: quoteAt(place, place.lineStart + column, /^\*[^\s,\]}:#]*/) }];
  },
  value: (place: Place): readonly Mending[] => [{ title: inQuotes, changes: quoteAt(place, place.offset, restOfValue(place)) }],
  colon: ({ line, lineStart }: Place): readonly Mending[] => {
    const behind = lineStart + line.indexOf(":") + 1;
    return [{ title: "Write a space after the colon", changes: [{ start: behind, end: behind, text: " " }] }];
  },
  secondColon: (place: Place): readonly Mending[] => {
    const { offset, text } = place;
    const [rest = ""] = /^[^\r\n#]*/.exec(text.slice(offset, offset + 500)) ?? [];
    const mapping = rest.trimEnd();
    const isMapping = /^[A-Za-z][A-Za-z]*: +[^{}[\],:]+$/.test(mapping);
    return [
      ...(isMapping ? [{ title: "Put it in { … }", changes: [{ start: offset, end: offset + mapping.length, text: `{ ${mapping} }` }] }] : []),
      { title: inQuotes, changes: quoteAt(place, offset, /^[^\r\n#]*/) },
    ];
  },
  backslash: ({ line, lineStart, offset }: Place): readonly Mending[] => {
    const found = [...line.matchAll(/"[^"']*"/g)].find(({ 0: quoted, index }) => lineStart + index <= offset && offset < lineStart + index + quoted.length);
    if (found === undefined) return [];
    const start = lineStart + found.index;
    return [{ title: "Use single quotes", changes: [{ start, end: start + found[0].length, text: `'${found[0].slice(1, -1)}'` }] }];
  },
};

/** In brackets a value ends at the next one or at a comma. */
const restOfValue = ({ line, lineStart, offset }: Place): RegExp =>
  (/[[{]/.test(line.slice(0, offset - lineStart)) ? /^[^\r\n,\]}]*/ : /^[^\r\n#]*/);
