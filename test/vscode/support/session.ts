import type { Browser, BrowserContext } from "playwright-core";
import { createProfile, launchBrowser } from "./browser.ts";
import { startHost } from "./host.ts";
import type { Host, HostOptions } from "./host.ts";
import type { VsCodeVersion } from "./versions.ts";

/** A server with the browser that shows its windows. `profile` is the one that windows share unless they ask for their own. */
export interface Session {
  readonly host: Host;
  readonly browser: Browser;
  readonly profile: BrowserContext;
  /** Throws when a process is left that cannot be ended. */
  close(): Promise<void>;
}

export const openSession = async (version: VsCodeVersion, options: HostOptions): Promise<Session> => {
  const host = await startHost(version, options);
  try {
    const browser = await launchBrowser(host);
    const profile = await createProfile(browser, host);
    return {
      host,
      browser,
      profile,
      async close() {
        await browser.close();
        await host.stop();
      },
    };
  } catch (error) {
    await host.stop();
    throw error;
  }
};
