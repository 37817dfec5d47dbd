import { load, type LoadContext, type Loaded } from "../config/load.ts";
import { heldBack } from "./consent-words.ts";
import type { FolderConsent } from "./folder-consent.ts";

/**
 * What a file means, once the user has allowed what it asks for; until then the problem that says so, and `isHeld`. No
 * secret, variable or file that it names is read before.
 */
export const loadAllowed = async (file: string, source: Uint8Array, consent: Pick<FolderConsent, "allows">, context: LoadContext): Promise<Loaded> => {
  const unread = await load(source);
  if (unread.config === undefined) return unread;
  if (!consent.allows(file, unread.risks ?? [])) return { problems: [...unread.problems, heldBack(unread)], isHeld: true };
  return load(source, context);
};
