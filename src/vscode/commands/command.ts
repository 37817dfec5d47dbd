import type * as vscode from "vscode";
import type { FolderConsent } from "../folder-consent.ts";
import type { SecretStore } from "../secrets.ts";
import type { ExternalUrls } from "../state/external-urls.ts";
import type { WindowProxies } from "../window-proxies.ts";

/** What the commands act on. */
export interface CommandContext {
  readonly editor: typeof vscode;
  readonly proxies: WindowProxies;
  readonly consent: FolderConsent;
  readonly secrets: SecretStore;
  readonly external: Pick<ExternalUrls, "ask">;
  readonly showLog: () => void;
}

/**
 * What a person can have done. None waits for a message of its own to be answered: whoever runs it from code would wait too.
 * @param id of the proxy that is meant; absent or unknown = ask, where there are several
 */
export type Command = (context: CommandContext, id?: unknown) => unknown;
