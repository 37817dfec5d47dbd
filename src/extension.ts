import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { systemClock } from "./services.ts";
import { registerCommands } from "./vscode/commands/register.ts";
import { registerDiagnostics } from "./vscode/diagnostics.ts";
import { registerDrafts } from "./vscode/editing/register-drafts.ts";
import { registerEditing } from "./vscode/editing/register.ts";
import { createFolderConsent } from "./vscode/folder-consent.ts";
import { createFolders, type Folders } from "./vscode/folders.ts";
import { createForwardedPorts, withForwardedPorts } from "./vscode/forwarded-ports.ts";
import { watchLoggingSetting } from "./vscode/logging-setting.ts";
import { createChannelLog } from "./vscode/output.ts";
import { watchProxySettings } from "./vscode/proxy-settings.ts";
import { findProviders } from "./vscode/providers.ts";
import { createSecretStore } from "./vscode/secrets.ts";
import { createSettingsProxy, type SettingsProxy } from "./vscode/settings-proxy.ts";
import type { ServerFactory } from "./vscode/server.ts";
import { registerContextKeys } from "./vscode/state/context-keys.ts";
import { createExternalUrls } from "./vscode/state/external-urls.ts";
import { registerMisnamedFile } from "./vscode/state/misnamed-file.ts";
import { registerNotices } from "./vscode/state/notices.ts";
import { registerStatusBar } from "./vscode/state/status-bar.ts";
import { registerTerminals } from "./vscode/terminals/register.ts";
import { createWindowProxies } from "./vscode/window-proxies.ts";

/** What runs is the window's, not the subscriptions': it must be ended in its own time. */
let running: { readonly folders: Folders; readonly settings: SettingsProxy; readonly server: () => Promise<ServerFactory> | undefined } | undefined;

/** An extension host that closes waits 5 s for us, then it ends us. What is still in flight is broken off before that. */
const graceMs = 3500;
const closeMs = 4000;

export const activate = ({ environmentVariableCollection, extension, globalState, globalStorageUri, languageModelAccessInformation, secrets, subscriptions }: vscode.ExtensionContext): void => {
  const channel = vscode.window.createOutputChannel("LLM Proxy", { log: true });
  const logging = watchLoggingSetting(vscode.workspace);
  const network = watchProxySettings(vscode.workspace);
  const shared = { log: createChannelLog(channel, logging.isEnabled), clock: systemClock };
  const secretStore = createSecretStore({ storage: secrets, memory: globalState });
  const consent = createFolderConsent({ window: vscode.window, l10n: vscode.l10n, memory: globalState, onAllow: () => void folders.refresh() });
  const forwarded = createForwardedPorts({
    editor: vscode, memory: globalState, secrets: secretStore,
    onAnswer() {
      void folders.refresh();
      if (settings.status() !== undefined) void settings.start();
    },
  });
  let server: Promise<ServerFactory> | undefined;
  const loadServer = async (): Promise<ServerFactory> => {
    const { createServerFactory } = await import("./vscode/server.ts");
    return createServerFactory({
      ...shared,
      api: vscode,
      providers: () => findProviders(vscode.extensions),
      onDidChangeAccess: languageModelAccessInformation.onDidChange,
      newId: randomUUID,
      version: String((extension.packageJSON as { version?: unknown }).version),
      secret: (name) => secretStore.read(name),
      consent,
      forwarded,
      memory: globalState,
      settingsPlace: globalStorageUri.fsPath,
      proxySettings: network.current,
    });
  };
  const loadOnce = (): Promise<ServerFactory> => (server ??= loadServer().catch((error: Error) => {
    // The next start tries again, and whoever closes has nothing to close.
    server = undefined;
    throw error;
  }));
  const folders = createFolders({ vscode, ...shared, loadServer: loadOnce });
  const settings = createSettingsProxy({ vscode, ...shared, folders, loadServer: loadOnce });
  const readKeyLazily = async (file: vscode.Uri, name: string): Promise<string | undefined> => {
    const { readKey } = await import("./vscode/terminals/read-key.ts");
    return readKey(file.fsPath, name, secretStore);
  };
  const proxies = createWindowProxies(folders, settings, vscode.l10n);
  const drafts = registerDrafts(vscode, folders, systemClock);
  const external = createExternalUrls(vscode, proxies);
  running = { folders, settings, server: () => server };
  subscriptions.push(
    channel,
    logging,
    network,
    folders,
    settings,
    drafts,
    registerDiagnostics(vscode, folders, drafts),
    registerEditing(vscode, { folders, secrets: secretStore, clock: systemClock }),
    registerStatusBar(vscode, proxies, external, systemClock),
    external,
    registerContextKeys(vscode, proxies, systemClock),
    registerMisnamedFile({ editor: vscode, folders }),
    registerNotices({ editor: vscode, proxies, clock: systemClock }),
    registerTerminals({ editor: vscode, collection: environmentVariableCollection, proxies, readKey: readKeyLazily, log: shared.log }),
    registerCommands({ editor: vscode, proxies, consent: withForwardedPorts(consent, forwarded), secrets: secretStore, external, showLog: () => channel.show() }),
    secrets.onDidChange(() => void folders.refresh()),
  );
};

export const deactivate = async (): Promise<void> => {
  const closed = close();
  // A proxy that was stopped before this may have given its streams longer.
  await Promise.race([closed, new Promise<void>((resolve) => void systemClock.after(closeMs, resolve))]);
};

const close = async (): Promise<void> => {
  await Promise.all([running?.folders.close(graceMs), running?.settings.stop(graceMs)]);
  await (await running?.server())?.close();
};
