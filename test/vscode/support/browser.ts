import { chromium } from "playwright-core";
import type { Browser, BrowserContext } from "playwright-core";
import { findChromium } from "../../support/tools.ts";
import type { Host } from "./host.ts";
import { openProposalsInitScript } from "./proposals.ts";

/** As root, Chromium has no sandbox; the rest keeps it from calling anyone. */
const quietFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless Chromium, for the windows of that host. It ends with its `close()`, and with this process, however that ends. */
export const launchBrowser = async (host: Host): Promise<Browser> => {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("There is no Chromium: run `node test/vscode/support/install.mjs`.");
  return chromium.launch({
    executablePath,
    args: quietFlags,
    env: { ...process.env, ...host.markEnvironment, TMPDIR: host.folder },
  });
};

/** A profile: state and secrets of extensions live in it, and the windows of one profile load faster after the first. */
export const createProfile = async (browser: Browser, host: Host): Promise<BrowserContext> => {
  const profile = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  await profile.grantPermissions(["clipboard-read", "clipboard-write"]);
  if (host.proposals === "open") await profile.addInitScript(openProposalsInitScript);
  return profile;
};
