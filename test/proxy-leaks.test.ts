import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Config, ListenerConfig, TlsConfig } from "../src/config/types.ts";
import { createCertificate } from "./support/certificate.ts";
import { configOf, listenerOf, routeOf } from "./support/config.ts";
import { freePorts, occupy, portOf, release } from "./support/ports.ts";
import { withProxies, type TestProxy } from "./support/test-proxy.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** How many of each kind of thing keep the process busy: servers, sockets, timers. */
const countResources = (): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
};

const grownSince = (before: ReadonlyMap<string, number>): readonly string[] =>
  [...countResources()].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind, count]) => `${kind}: ${count} instead of ${before.get(kind) ?? 0}`);

/** A closed handle is gone, and garbage can be collected, some turns of the event loop later. */
const settle = async (isSettled: () => boolean, turns = 10_000): Promise<void> => {
  for (let turn = 0; turn < turns && !isSettled(); turn += 1) await new Promise(setImmediate);
};

const tlsOf = (serial: number): TlsConfig => ({ certFile: "p.pem", keyFile: "p.key", ...createCertificate({ serial }) });

const cases = suite("proxy/leaks");

cases("500 reloads of every kind leave no handle, no timer, no listener and no configuration behind", () => withProxies(async (create) => {
  const [test, other] = [create({ instance: "same" }), create({ instance: "same" })];
  const [base = 0, second = 0, third = 0, shared = 0] = await freePorts(5);
  const stranger = await occupy(0, "127.0.0.1", true);
  await other.apply({ listeners: [listenerOf({ ports: [shared] })] });
  const certificates = [tlsOf(1), tlsOf(2)];
  const local = (changes: Partial<ListenerConfig> = {}): ListenerConfig => listenerOf({ ports: [base], ...changes });
  const more = (changes: Partial<ListenerConfig>): readonly ListenerConfig[] => [local(), listenerOf({ name: "more", ...changes })];
  const kinds: readonly ((round: number) => readonly ListenerConfig[])[] = [
    () => [local()],
    () => [local({ ports: [base, second, third] })],
    () => [local({ host: "0.0.0.0" })],
    (round) => more({ ports: [second], ...optionalTls(certificates[round % 2]) }),
    () => more({ ports: [second] }),
    () => more({ ports: [0] }),
    () => more({ ports: [portOf(stranger)], ifBusy: "next" }),
    () => more({ ports: [shared], ifBusy: "wait" }),
    () => more({ ports: [portOf(stranger)] }),
    (round) => [local({ maxBodyBytes: 1000 + round })],
  ];
  const alive: WeakRef<Config>[] = [];
  const results = new Map<string, number>();
  const reload = async (index: number): Promise<void> => {
    const round = Math.floor(index / kinds.length);
    const config = configOf({ listeners: kinds[index % kinds.length]?.(round) ?? [], routes: [routeOf({ listeners: ["local"] })], generation: `leak${index}` });
    alive.push(new WeakRef(config));
    const { result } = await test.proxy.apply(config);
    results.set(result, (results.get(result) ?? 0) + 1);
    if (index % 7 === 0) await ask(test);
  };
  // Once around, for what is made once: connections of the test's own client, modules, compiled code.
  for (let index = 0; index < kinds.length; index += 1) await reload(index);
  const before = countResources();
  const listeners = process.eventNames().map((name) => process.listenerCount(name));
  for (let index = kinds.length; index < 500; index += 1) await reload(index);
  await settle(() => grownSince(before).length === 0);
  assert.equal(grownSince(before), []);
  assert.equal(process.eventNames().map((name) => process.listenerCount(name)), listeners);
  assert.is(test.services.clock.waiting, 0);
  assert.equal([...results], [["applied", 450], ["rejected", 50]]);
  const survivors = (): number => {
    collectGarbage();
    return alive.filter((reference) => reference.deref() !== undefined).length;
  };
  await settle(() => survivors() <= 2, 50);
  assert.ok(survivors() <= 2, `${survivors()} of 500 configurations are still in memory`);
  await release(stranger);
}));

const optionalTls = (tls: TlsConfig | undefined): Partial<ListenerConfig> => (tls === undefined ? {} : { tls });

/** One request on a connection of its own, on the port that stays. */
const ask = async ({ proxy }: TestProxy): Promise<void> => {
  const url = proxy.status().listeners.find(({ name }) => name === "local")?.url.replace("0.0.0.0", "127.0.0.1") ?? "";
  const response = await fetch(`${url}/health`, { headers: { connection: "close" } });
  assert.is(response.status, 200);
  await response.text();
};

cases.run();
