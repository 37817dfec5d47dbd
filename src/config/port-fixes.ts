import { fixBy, type Fix } from "./fix.ts";
import type { ParsedFile } from "./parse.ts";
import type { Path } from "./problem.ts";

/** Has the listener at `path`, which leads to one of its ports, listen on `port` instead. */
export const portFix = ({ edits }: Pick<ParsedFile, "edits">, path: Path, port: number): Fix | undefined => {
  const [section = "", name = "", property = ""] = path;
  const ports = [section, name, property];
  // One port stands alone, and the default nowhere.
  const edit = edits.replaceValue(path, String(port)) ?? edits.replaceValue(ports, String(port)) ?? edits.insert(ports, String(port));
  return fixBy(`Change to port ${port}`, edit);
};

/** Has it take the next free port whenever its own is taken. */
export const nextPortFix = ({ edits }: Pick<ParsedFile, "edits">, [section = "", name = ""]: Path): Fix | undefined => {
  const path = [section, name, "ifBusy"];
  return fixBy("Take the next free port whenever it is taken", edits.replaceValue(path, "next") ?? edits.insert(path, "next"));
};
