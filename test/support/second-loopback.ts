import type { suite } from "uvu";
import { occupy, release } from "./ports.ts";

/** Only Linux has all of 127.0.0.0/8 by itself; elsewhere somebody has to add the address to the loopback. */
const isThere = await occupy(0, "127.0.0.2").then(release).then(() => true, () => false);

/** Declares a case that needs 127.0.0.2 as "another address". Where there is none it is skipped, which the runner says and counts. */
export const onSecondLoopback = (cases: ReturnType<typeof suite>) => (title: string, work: () => Promise<void>): void => {
  if (isThere) cases(title, work);
  else cases.skip(`${title} (127.0.0.2 is no address of this machine)`, work);
};
