import type { Schema } from "../../config/schema.ts";
import { writeValue } from "../../config/write-value.ts";

/** What the schema says of a part of the language, as Markdown: what it does, its default and examples. */
export const explain = ({ description = "", default: usual, examples = [] }: Schema): string => [
  escapeMarkdown(description),
  ...(usual === undefined ? [] : [`Default: ${code(usual)}`]),
  ...(examples.length === 0 ? [] : [`For example ${examples.map(code).join(" or ")}`]),
].join("\n\n");

/** A value as it stands in the file. */
export const code = (value: unknown): string => {
  const written = writeValue(value);
  const text = written.length > 200 ? `${written.slice(0, 200)}…` : written;
  return text.includes("`") ? escapeMarkdown(text) : `\`${text}\``;
};

/** Text as it is, whatever Markdown would make of it: names in a file are anybody's. */
export const escapeMarkdown = (text: string): string => text.replaceAll(/[\\`*_{}[\]()#+!|<>~$-]/g, "\\$&").replaceAll(/[\r\n]+/g, " ");
