import type { Fix } from "../../config/fix.ts";
import { isError, type Problem } from "../../config/problem.ts";
import type { FolderStatus } from "../folder-proxy.ts";

/** What a person can do about a folder's problem, at the press of a button. */
export type Remedy =
  /** Change the file, such as to a port that is free. */
  | { readonly kind: "change"; readonly problem: Problem; readonly fix: Fix }
  /** Give a secret that the file names its value. */
  | { readonly kind: "secret"; readonly problem: Problem; readonly secret: string }
  /** Look at the file and think. */
  | { readonly kind: "show"; readonly problem: Problem };

/**
 * The one thing to do about a folder, or nothing: what heals by itself, and what is asked about elsewhere, such as
 * consent, is nobody's task.
 */
export const remedyOf = ({ problems }: Pick<FolderStatus, "problems">): Remedy | undefined => {
  const error = problems.find(isError);
  if (error !== undefined) {
    const [fix] = isPort(error) ? error.fixes ?? [] : [];
    return fix === undefined ? { kind: "show", problem: error } : { kind: "change", problem: error, fix };
  }
  for (const problem of problems) for (const { sets } of problem.fixes ?? []) if (sets !== undefined) return { kind: "secret", problem, secret: sets };
  return undefined;
};

/** Only where another port is as good is a change of the file to be had without a look at it. */
const isPort = ({ path: [section, , property] }: Problem): boolean => section === "listeners" && property === "ports";
