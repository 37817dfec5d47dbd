import type { Config } from "../../src/config/types.ts";
import type { IfBusy } from "../../src/listeners/reconcile.ts";
import { LlmProxy, type ApplyResult, type ListenerStatus } from "../../src/proxy.ts";
import type { Clock } from "../../src/services.ts";
import { configOf } from "./config.ts";
import { createScriptedHost, type ScriptedHost } from "./scripted-host.ts";
import { createTestServices, type TestServices } from "./services.ts";

/** A proxy whose configuration a test changes, on real sockets and a clock that stands still. */
export interface TestProxy {
  readonly proxy: LlmProxy;
  readonly host: ScriptedHost;
  readonly services: TestServices;
  /** Applies a configuration with these differences, as one more generation. */
  apply(changes?: Partial<Config>): Promise<ApplyResult>;
  /** Moves the clock by one second and waits until what that set off has set its next timer. */
  second(): Promise<void>;
  /** Settles once `status()` is as wanted, now or after one of its changes. */
  until(isAsWanted: (listeners: readonly ListenerStatus[]) => boolean): Promise<void>;
}

export interface TestProxyOptions {
  /** Proxies of one file have the same. */
  readonly instance?: string;
  readonly ifBusy?: IfBusy;
  readonly onPortFree?: () => void;
}

let generations = 0;

export const createTestProxy = ({ instance = "test", ifBusy = "fail", onPortFree = () => {} }: TestProxyOptions = {}): TestProxy => {
  const services = createTestServices();
  const host = createScriptedHost();
  const watchers = new Set<() => void>();
  let onTimer = (): void => {};
  const clock: Clock = {
    ...services.clock,
    after(ms, callback) {
      onTimer();
      return services.clock.after(ms, callback);
    },
  };
  const proxy = new LlmProxy({ services: { ...services, clock }, hosts: { selector: host }, instance, ifBusy, onPortFree, onChange: () => watchers.forEach((watch) => watch()) });
  return {
    proxy,
    host,
    services,
    apply: (changes = {}) => proxy.apply(configOf({ generation: (generations += 1).toString(16).padStart(8, "0"), ...changes })),
    second: () => new Promise((resolve) => {
      onTimer = resolve;
      services.clock.advance(1000);
    }),
    until: (isAsWanted) => new Promise((resolve) => {
      const watch = (): void => {
        if (!isAsWanted(proxy.status().listeners)) return;
        watchers.delete(watch);
        resolve();
      };
      watchers.add(watch);
      watch();
    }),
  };
};

/** Runs `work` with as many proxies as it makes, and closes all of them whatever happens. */
export const withProxies = async (work: (create: (options?: TestProxyOptions) => TestProxy) => Promise<void>): Promise<void> => {
  const made: TestProxy[] = [];
  try {
    await work((options) => {
      const created = createTestProxy(options);
      made.push(created);
      return created;
    });
  } finally {
    await Promise.all(made.map(({ proxy }) => proxy.close(0)));
  }
};
