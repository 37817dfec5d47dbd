import type { JsonValue } from "../chat/request.ts";

/** JSON that was found in a model's answer: its text as the model wrote it, and what it means. */
export interface FoundJson {
  readonly text: string;
  readonly value: JsonValue;
}

/** The JSON of an answer that should be nothing else: alone, in a fence, or with words around it. Nothing where there is none. */
export const findJson = (answer: string): FoundJson | undefined =>
  parse(answer) ?? parse(fenced(answer)) ?? parse(between(answer, "{", "}")) ?? parse(between(answer, "[", "]"));

const parse = (text: string): FoundJson | undefined => {
  const trimmed = text.trim();
  try {
    return { text: trimmed, value: JSON.parse(trimmed) as JsonValue };
  } catch {
    return undefined;
  }
};

const fenced = (text: string): string => {
  const start = /```(?:json)?[ \t]*\n/.exec(text);
  if (start === null) return "";
  const from = start.index + start[0].length;
  const end = text.indexOf("```", from);
  return text.slice(from, end === -1 ? undefined : end);
};

const between = (text: string, first: string, last: string): string => {
  const [start, end] = [text.indexOf(first), text.lastIndexOf(last)];
  return start === -1 || end < start ? "" : text.slice(start, end + 1);
};
