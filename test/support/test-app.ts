import type { Config } from "../../src/config/types.ts";
import { createCatalog } from "../../src/models/catalog.ts";
import { createFigures } from "../../src/observability/figures.ts";
import { createHosts, type Hosts } from "../../src/models/registry.ts";
import { limitsOf } from "../../src/policies/rate-limit.ts";
import { createPolicyMemory } from "../../src/policies/registry.ts";
import { compileApp } from "../../src/routes/compile.ts";
import type { BodyRoom, PolicyMemory } from "../../src/services.ts";
import { configOf } from "./config.ts";
import { createScriptedHost, type ScriptedHost } from "./scripted-host.ts";
import { createTestServices, type TestServices } from "./services.ts";

export interface TestApp {
  fetch(request: Request): Promise<Response>;
  /** POSTs JSON to `/v1/chat/completions`, or to another path. */
  post(body: unknown, init?: PostInit): Promise<Response>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  readonly host: ScriptedHost;
  readonly memory: PolicyMemory;
  readonly services: TestServices;
}

export interface PostInit {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface TestAppOptions {
  readonly config?: Partial<Config>;
  readonly host?: ScriptedHost;
  readonly hosts?: Hosts;
  /** Default: as much as a proxy has. */
  readonly bodies?: BodyRoom;
  /** Those of another app, whose configuration this one replaces. */
  readonly previous?: TestApp;
}

/** The first listener's app, asked without a socket. The alias `test` is the scripted host's, `echo` the echo model. */
export const createTestApp = ({ config: changes = {}, previous, host = previous?.host ?? createScriptedHost(), hosts, bodies }: TestAppOptions = {}): TestApp => {
  const services = previous?.services ?? createTestServices();
  const memory = { ...previous?.memory ?? createPolicyMemory(services.clock), ...(bodies === undefined ? {} : { bodies }) };
  const config = configOf(changes);
  const [listener] = config.listeners;
  if (listener === undefined) throw new Error("A test app needs a listener.");
  const figures = createFigures(services.clock, services.version);
  figures.configured(config.models, config.metrics.enabled);
  void memory.limits.resize(limitsOf(config));
  const health = { state: "running", version: services.version, generation: config.generation, instance: "test" };
  const app = compileApp({
    listener,
    routes: config.routes,
    keys: config.keys,
    catalog: createCatalog(config.models, hosts ?? { ...createHosts(services, config), selector: host }),
    generation: config.generation,
    createdSeconds: 1_600_000_000,
    health: config.health,
    metrics: config.metrics,
    logging: config.logging,
    status: () => health,
    report: async () => ({ ...health, listeners: [] }),
    figures,
    memory,
    services,
  });
  return {
    fetch: (request) => app.fetch(request),
    post: (body, { path = "/v1/chat/completions", headers = {}, signal } = {}) => app.fetch(new Request(`http://localhost${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    })),
    get: (path, headers = {}) => app.fetch(new Request(`http://localhost${path}`, { headers })),
    host,
    memory,
    services,
  };
};

/** The smallest request for the scripted alias. */
export const ask = (changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  model: "test",
  messages: [{ role: "user", content: "hello there" }],
  ...changes,
});
