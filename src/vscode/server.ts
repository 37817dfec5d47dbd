import { dirname } from "node:path";
import type * as vscode from "vscode";
import { createFileSource } from "../config/file-source.ts";
import { readPlainFile } from "../config/read-file.ts";
import { load } from "../config/load.ts";
import type { SecretValue } from "../config/references.ts";
import { createSecretSource } from "../config/secret-source.ts";
import { createDeployment, type DeploymentOptions } from "../deployment.ts";
import type { ProxySettings } from "../models/openai-upstream/choose-proxy.ts";
import { createConnections } from "../models/openai-upstream/connections.ts";
import { instanceOf, LlmProxy } from "../proxy.ts";
import type { KeptText, Services } from "../services.ts";
import { createTokenCount } from "./count-tokens.ts";
import type { FolderConsent } from "./folder-consent.ts";
import type { FolderServer, ServerEvents } from "./folder-proxy.ts";
import type { ForwardedPorts } from "./forwarded-ports.ts";
import { createLanguageModelHost, type LanguageModelHostOptions } from "./language-model-host.ts";
import { loadAllowed } from "./load-allowed.ts";
import { createPortClaims } from "./port-claims.ts";

/** What the proxies of a window share. This file is the door to all that is heavy: it is imported at the first start. */
export interface ServerFactory {
  /** A proxy for one folder, which does not run yet. @param file absolute path of its configuration */
  create(file: string, events: ServerEvents): FolderServer;
  /** The same for what the settings declare. @param read gives it in the words of a file */
  createForSettings(read: () => Promise<Uint8Array>, events: ServerEvents): FolderServer;
  /** Lets go of what they share, once all of them are closed. */
  close(): Promise<void>;
}

export interface ServerFactoryOptions extends LanguageModelHostOptions, Pick<Services, "newId" | "version"> {
  /** What `${secret:name}` stands for. */
  readonly secret: (name: string) => Promise<SecretValue>;
  readonly consent: Pick<FolderConsent, "allows">;
  readonly forwarded: Pick<ForwardedPorts, "guard">;
  /** What the editor says of the network. */
  readonly proxySettings: () => ProxySettings;
  /** A folder of this user's editor: it tells the windows that share its settings from those of somebody else. */
  readonly settingsPlace: string;
  /** What outlives the window. */
  readonly memory: Pick<vscode.Memento, "get" | "update">;
}

/** One entry of the editor's memory as text. */
const keptIn = (memory: ServerFactoryOptions["memory"], name: string): KeptText => ({
  read: async () => {
    const text = memory.get<unknown>(name);
    return typeof text === "string" ? text : undefined;
  },
  write: async (text) => memory.update(name, text === "" ? undefined : text),
});

export const createServerFactory = (options: ServerFactoryOptions): ServerFactory => {
  const { log, clock, newId, version, secret, consent, forwarded, memory, proxySettings, settingsPlace } = options;
  const selector = createLanguageModelHost(options);
  const services: Services = { log, clock, newId, version, connections: createConnections({ proxySettings }), countTokens: createTokenCount(selector) };
  const claims = createPortClaims(clock);
  const open = (identity: string, { onChange, onWayFree }: ServerEvents, source: Pick<DeploymentOptions, "read" | "load">): FolderServer => {
    const instance = instanceOf(identity);
    // Another window may show the same folder, and one that is reloaded may not have let go yet.
    const proxy = new LlmProxy({ services, hosts: { selector }, instance, balances: keptIn(memory, `balances ${instance}`), ifBusy: "wait", problems: () => deployment.allProblems(), onChange, onPortFree: onWayFree });
    const deployment = createDeployment({ proxy, ...source });
    const { deploy, problems, close } = deployment;
    return { status: () => proxy.status(), problems, deploy, close };
  };
  return {
    create(file, events) {
      const secrets = createSecretSource({ env: process.env, folder: dirname(file), secret });
      const server = open(file, events, {
        read: () => readPlainFile(file),
        async load(source) {
          const loaded = await loadAllowed(file, source, consent, { secrets, files: createFileSource(dirname(file)) });
          return claims.claim(file, await forwarded.guard(file, loaded), events.onWayFree);
        },
      });
      return {
        ...server,
        close(mostMs) {
          claims.release(file);
          return server.close(mostMs);
        },
      };
    },
    // The user's own words: nothing to allow. Nor a claim to a port, for a folder with a file comes first.
    createForSettings: (read, events) => open(`settings of ${settingsPlace}`, events, { read, load: async (source) => forwarded.guard("settings", await load(source)) }),
    close() {
      selector.dispose();
      return services.connections.close();
    },
  };
};
