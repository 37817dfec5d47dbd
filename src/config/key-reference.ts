import { parse } from "./parse.ts";
import { parseReference, type Reference } from "./references.ts";
import { readSource } from "./source-text.ts";
import { validate } from "./validate.ts";

/** Where the file says that the key of this name is; absent where it has no such key, or only its hash. */
export const keyReferenceOf = (source: Uint8Array, name: string): Reference | undefined => {
  const read = readSource(source);
  const parsed = "text" in read ? parse(read.text) : undefined;
  if (parsed === undefined || !("file" in parsed)) return undefined;
  const validated = validate(parsed.file);
  if (!("authored" in validated)) return undefined;
  const keys = new Map(Object.entries(validated.authored.keys ?? {}));
  const written = keys.get(name)?.key;
  return written === undefined ? undefined : parseReference(written);
};
