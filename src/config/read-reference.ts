import { isAbsolute, normalize } from "node:path/posix";
import type { Path } from "./problem.ts";
import { parseReference, type SecretSource } from "./references.ts";
import type { Report } from "./report.ts";

/**
 * The secret that a reference names; absent, with a warning at `path`, when it is not set.
 * @param meanwhile what holds until it is, such as "this matches nobody"
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
  const found = await secrets?.read(reference);
  if (found === undefined || "value" in found) return found?.value;
  report.value("warning", path, `${found.missing} Until it is, ${meanwhile}.`, found.hint);
  return undefined;
};

/** By its text alone; where links lead is seen when the file is read. */
const leavesFolder = (path: string): boolean => {
  const normal = normalize(path.replaceAll("\\", "/"));
  return isAbsolute(normal) || /^[A-Za-z]:/.test(normal) || normal === ".." || normal.startsWith("../");
};
