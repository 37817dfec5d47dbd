import { isAbsolute, normalize } from "node:path/posix";
import type { Path } from "./problem.ts";
import { parseReference, type Reference, type SecretSource, type SecretValue } from "./references.ts";
import type { Report } from "./report.ts";

/**
 * The secret that a reference names; absent, with a warning at `path`, when it is not set.
 * @param meanwhile what holds until then, such as "this matches nobody"
 * @param secrets absent = the reference stays unread, and nothing is said of it
 */
export const readReference = async (
  written: string,
  path: Path,
  meanwhile: string,
  secrets: SecretSource | undefined,
  report: Report,
): Promise<string | undefined> => {
  const reference = parseReference(written);
  if (reference.kind === "file" && leavesFolder(reference.name)) {
    report.value("error", path, "The file of a secret must lie in the folder of the configuration.", "Write a path below this folder, such as \"${file:.llmproxy/ci.key}\".");
    return undefined;
  }
  const found = secrets && (await readSafely(secrets, reference));
  if (found === undefined || "value" in found) return found?.value;
  const { missing, hint, sets } = found;
  report.value("warning", path, `${missing} Until then, ${meanwhile}.`, hint, () => [sets === undefined ? undefined : { title: `Set the secret ${sets}`, edits: [], sets }]);
  return undefined;
};

/** A store that fails, such as a locked keyring, leaves the secret unset: what it protects stays closed. */
const readSafely = async (secrets: SecretSource, reference: Reference): Promise<SecretValue> => {
  try {
    return await secrets.read(reference);
  } catch {
    return { missing: `What keeps ${reference.name} failed to give it.`, hint: "Unlock it, and save the file again." };
  }
};

/** By its text alone; where links lead is seen when the file is read. */
const leavesFolder = (path: string): boolean => {
  const normal = normalize(path.replaceAll("\\", "/"));
  return isAbsolute(normal) || /^[A-Za-z]:/.test(normal) || normal === ".." || normal.startsWith("../");
};
