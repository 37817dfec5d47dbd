import { dirname } from "node:path";
import { readPlainFile } from "../config/read-file.ts";
import type { SecretValue } from "../config/references.ts";
import { createSecretSource } from "../config/secret-source.ts";
import { createDeployment } from "../deployment.ts";
import { createConnections } from "../models/openai-upstream/connections.ts";
import { instanceOf, LlmProxy } from "../proxy.ts";
import type { Services } from "../services.ts";
import type { FolderConsent } from "./folder-consent.ts";
import type { FolderServer } from "./folder-proxy.ts";
import { createLanguageModelHost, type LanguageModelHostOptions } from "./language-model-host.ts";
import { loadAllowed } from "./load-allowed.ts";
import { createPortClaims } from "./port-claims.ts";

/** What the proxies of a window share. This file is the door to all that is heavy: it is imported at the first start. */
export interface ServerFactory {
  /** A proxy for one folder, which does not run yet. @param file absolute path of its configuration */
  create(file: string, onChange: () => void): FolderServer;
  /** Lets go of what they share, once all of them are closed. */
  close(): Promise<void>;
}

export interface ServerFactoryOptions extends LanguageModelHostOptions, Pick<Services, "newId" | "version"> {
  /** What `${secret:name}` stands for. */
  readonly secret: (name: string) => Promise<SecretValue>;
  readonly consent: Pick<FolderConsent, "allows">;
}

export const createServerFactory = (options: ServerFactoryOptions): ServerFactory => {
  const { log, clock, newId, version, secret, consent } = options;
  const services: Services = { log, clock, newId, version, connections: createConnections() };
  const claims = createPortClaims();
  const selector = createLanguageModelHost(options);
  return {
    create(file, onChange) {
      const proxy = new LlmProxy({ services, hosts: { selector }, instance: instanceOf(file), onChange });
      const secrets = createSecretSource({ env: process.env, folder: dirname(file), secret });
      const deployment = createDeployment({
        proxy,
        read: () => readPlainFile(file),
        load: async (source) => claims.claim(file, await loadAllowed(file, source, consent, { secrets })),
      });
      return {
        status: () => proxy.status(),
        deploy: deployment.deploy,
        close(mostMs) {
          claims.release(file);
          return proxy.close(mostMs);
        },
      };
    },
    close() {
      selector.dispose();
      return services.connections.close();
    },
  };
};
