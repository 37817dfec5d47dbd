import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../src/config/load.ts";
import type { Config, ListenerConfig, RouteConfig } from "../src/config/types.ts";
import { createDeployment, type Outcome } from "../src/deployment.ts";
import { LlmProxy } from "../src/proxy.ts";
import { editOf, type Edit } from "./config/random-edits.ts";
import { freePorts, occupy, release } from "./support/ports.ts";
import { createTestServices } from "./support/services.ts";

/** The ports that files ask for; a stranger has the last. */
const ports = await freePorts(5);

const names = ["one", "two", "three", "four"] as const;

/** A valid file: up to three listeners, which share the ports out among them, and as many models and routes. */
const file: fc.Arbitrary<string> = fc.record({
  listeners: fc.array(fc.subarray([...ports], { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
  order: fc.shuffledSubarray([...names], { minLength: 1 }),
  models: fc.subarray([...names], { minLength: 1 }),
  isSplit: fc.boolean(),
}).map(({ listeners, order, models, isSplit }) => {
  const taken = new Set<number>();
  const own = listeners.map((wanted) => wanted.filter((port) => !taken.has(port) && taken.add(port))).filter((wanted) => wanted.length > 0).slice(0, order.length);
  const listener = (wanted: readonly number[], index: number): string => `  ${order[index]}: { ports: [${wanted.join(", ")}] }\n`;
  const route = (_: unknown, index: number): string => `  - { path: /${order[index]}, listeners: [${order[index]}], models: [${models[index % models.length]}] }\n`;
  const routes = isSplit ? `routes:\n${own.map(route).join("")}` : "";
  return `version: 1\nlisteners:\n${own.map(listener).join("")}models:\n${models.map((name) => `  ${name}: { echo: { reply: "${name}" } }\n`).join("")}${routes}`;
});

/** Another file in its place, or a slip or two in the one that is there. */
const change: fc.Arbitrary<Edit> = fc.oneof(
  file.map((text): Edit => () => text),
  fc.array(editOf(["x-more: 1\n"]), { minLength: 1, maxLength: 2 }).map((edits): Edit => (text) => edits.reduce((edited, edit) => edit(edited), text)),
);

/** A slip may ask for any port and any host; a test must not. */
const keptToItself = (listener: ListenerConfig): ListenerConfig => {
  const isOurs = listener.host === "127.0.0.1" && listener.ports.every((port) => ports.includes(port));
  return isOurs ? listener : { ...listener, host: "127.0.0.1", ports: [0] };
};

/** One read of one socket: which generation answered, and which models it has there. */
interface Answer {
  readonly generation: string | null;
  readonly models: string;
}

const routeOn = ({ routes }: Config, { name }: ListenerConfig): RouteConfig | undefined =>
  routes.find(({ listeners, auth }) => listeners.includes(name) && auth.accepts === "none");

const askModels = async (port: number, route: RouteConfig): Promise<Answer> => {
  const response = await fetch(`http://127.0.0.1:${port}${route.path === "/" ? "" : route.path}/models`, { headers: { connection: "close" } });
  const { data = [] } = await response.json() as { data?: readonly { readonly id: string }[] };
  return { generation: response.headers.get("x-llm-proxy-config"), models: response.status === 200 ? data.map(({ id }) => id).join() : "none" };
};

/** What a socket of a configuration answers while that is in force, on a path that another one serves. */
const expectedAt = (config: Config, listener: ListenerConfig, path: string): Answer => {
  const route = config.routes.find((candidate) => candidate.path === path && candidate.listeners.includes(listener.name));
  const served = config.models.filter(({ name, isUnlisted }) => isUnlisted !== true && !name.includes("*") && (route?.models?.includes(name) ?? true));
  return { generation: config.generation, models: route === undefined ? "none" : served.map(({ name }) => name).join() };
};

const socketsOf = ({ listeners }: Config): readonly { readonly listener: ListenerConfig; readonly port: number }[] =>
  listeners.flatMap((listener) => listener.ports.filter((port) => port !== 0).map((port) => ({ listener, port })));

const isSame = (a: Answer, b: Answer): boolean => a.generation === b.generation && a.models === b.models;

/** Asks every socket that is there before and after, again and again until `done`: it must answer as one of the two, whole. */
const watchSwitch = async (before: Config, done: Promise<unknown>, after: () => Config): Promise<void> => {
  const seen: { readonly port: number; readonly path: string; readonly answer: Answer; readonly listener: ListenerConfig }[] = [];
  const state = { isDone: false };
  const finished = done.finally(() => (state.isDone = true));
  const asked = socketsOf(before).flatMap(({ listener, port }) => {
    const route = routeOn(before, listener);
    return route === undefined ? [] : [{ listener, port, route }];
  });
  const watch = async ({ listener, port, route }: (typeof asked)[number]): Promise<void> => {
    while (!state.isDone) {
      const answer = await askModels(port, route).catch(() => undefined);
      if (answer !== undefined) seen.push({ port, path: route.path, answer, listener });
    }
  };
  await Promise.all([finished, ...asked.map(watch)]);
  for (const { port, path, answer, listener } of seen) {
    const heir = socketsOf(after()).find((socket) => socket.port === port);
    const isOld = isSame(answer, expectedAt(before, listener, path));
    const isNew = heir !== undefined && isSame(answer, expectedAt(after(), heir.listener, path));
    // A listener that leaves refuses what still reaches it, in its own generation's name.
    const isRefused = heir === undefined && answer.models === "none" && answer.generation === before.generation;
    assert.ok(isOld || isNew || isRefused, `${port}${path} answered ${JSON.stringify(answer)}`);
  }
};

/** All that can be seen of what is in force, without anything of what is not. */
const isWhole = async (proxy: LlmProxy, config: Config): Promise<void> => {
  const { generation, state, models, listeners } = proxy.status();
  assert.equal([generation, state, models], [config.generation, "running", config.models.map(({ name }) => name)]);
  assert.equal(listeners.map(({ name }) => name), config.listeners.flatMap(({ name, ports: own }) => own.map(() => name)));
  for (const { listener, port } of socketsOf(config)) {
    const health = await fetch(`http://127.0.0.1:${port}${config.health.path}`, { headers: { connection: "close" } });
    assert.is(health.headers.get("x-llm-proxy-config"), config.generation);
    await health.arrayBuffer();
    const route = routeOn(config, listener);
    if (route !== undefined && route.models?.some((name) => name.includes("*")) !== true) assert.equal(await askModels(port, route), expectedAt(config, listener, route.path));
  }
  const wanted = new Set(socketsOf(config).map(({ port }) => port));
  for (const port of ports.slice(0, -1)) {
    if (!wanted.has(port)) assert.is(await fetch(`http://127.0.0.1:${port}/health`).then(() => "answers", () => "nobody"), "nobody", `port ${port}`);
  }
};

/** Deploys one text after the other on one proxy; gives what came of each. */
const drive = async (texts: readonly Edit[]): Promise<readonly Outcome["kind"][]> => {
  let text = "";
  let inForce: Config | undefined;
  let loaded: Config | undefined;
  const proxy = new LlmProxy({ services: createTestServices(), hosts: {}, instance: "edits" });
  const deployment = createDeployment({
    proxy,
    read: async () => new TextEncoder().encode(text),
    load: (source) => load(source),
    adjust: (config) => (loaded = { ...config, listeners: config.listeners.map(keptToItself) }),
  });
  const kinds: Outcome["kind"][] = [];
  let lastGood = "";
  try {
    for (const edit of texts) {
      text = edit(lastGood);
      const deploying = deployment.deploy();
      const before = inForce;
      const after = (): Config => inForce as Config;
      const take = async (): Promise<void> => {
        const { kind } = await deploying;
        kinds.push(kind);
        if (kind === "applied" || kind === "unchanged") [inForce, lastGood] = [loaded, text];
      };
      await (before === undefined ? take() : watchSwitch(before, take(), after));
      if (inForce !== undefined) await isWhole(proxy, inForce);
      else assert.is(proxy.status().state, "stopped");
    }
  } finally {
    await deployment.close(0);
  }
  return kinds;
};

const cases = suite("deployment/edits");

cases("whatever is done to the file of a running proxy, the old one is in force whole, or the new one", async () => {
  const stranger = await occupy(ports.at(-1), "127.0.0.1", true);
  const counts = new Map<Outcome["kind"], number>();
  try {
    await fc.assert(
      fc.asyncProperty(file, fc.array(change, { minLength: 4, maxLength: 10 }), async (first, changes) => {
        for (const kind of await drive([() => first, ...changes])) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }),
      { numRuns: 12 },
    );
  } finally {
    await release(stranger);
  }
  for (const kind of ["applied", "rejected"] as const) assert.ok((counts.get(kind) ?? 0) > 0, `${kind}: ${counts.get(kind) ?? 0} of ${JSON.stringify([...counts])}`);
});

cases.run();
