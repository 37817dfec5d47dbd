import { findChromium, findOnPath } from "../../support/tools.ts";
import { runCommand } from "./command.ts";

/** What the host and its windows need beyond npm, and the Debian package that has it. */
const requirements = [
  { package: "chromium", why: "shows the windows", isThere: () => findChromium() !== undefined },
  { package: "g++", why: "compiles VS Code's logger", isThere: () => findOnPath("g++") !== undefined },
  { package: "ripgrep", why: "searches files in the older VS Code", isThere: () => findOnPath("rg") !== undefined },
];

const missing = (): typeof requirements => requirements.filter(({ isThere }) => !isThere());

/** Installs the Debian packages that are missing when we may; throws with their names when we may not. */
export const ensureDebianPackages = async (): Promise<void> => {
  if (missing().length === 0) return;
  const names = missing().map((requirement) => requirement.package);
  if (process.getuid?.() === 0 && findOnPath("apt-get") !== undefined) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    await runCommand("apt-get", ["update", "-q"], { env });
    await runCommand("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...names], { env });
  }
  if (missing().length === 0) return;
  const reasons = missing().map((requirement) => `${requirement.package} (${requirement.why})`);
  throw new Error(
    `The VS Code test host needs ${reasons.join(", ")}. As root: apt-get install --no-install-recommends ${names.join(" ")}`,
  );
};
