import type { Config } from "../../src/config/types.ts";
import type { Hosts } from "../../src/models/registry.ts";
import { LlmProxy } from "../../src/proxy.ts";
import { systemClock, type Clock, type KeptText } from "../../src/services.ts";
import { configOf } from "./config.ts";
import { createScriptedHost, type ScriptedHost } from "./scripted-host.ts";
import { createTestServices, type LogLine, type TestServices } from "./services.ts";

export interface TestServer {
  /** Of the first listener, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly port: number;
  readonly proxy: LlmProxy;
  readonly host: ScriptedHost;
  readonly services: TestServices;
  /** POSTs JSON to `/v1/chat/completions`. */
  post(body: unknown, signal?: AbortSignal): Promise<Response>;
  /** Settles with the log's line on the next request that ends. */
  nextEnd(): Promise<LogLine>;
}

export interface TestServerOptions {
  readonly config?: Partial<Config>;
  readonly host?: ScriptedHost;
  /** In place of the scripted models. */
  readonly hosts?: Hosts;
  readonly balances?: KeptText;
  /** Default: the machine's clock, because sockets keep to no other. */
  readonly clock?: Clock;
  readonly onChange?: (proxy: LlmProxy) => void;
}

/** Runs `work` against a whole proxy on real sockets, and closes it whatever happens. */
export const withServer = async (options: TestServerOptions, work: (server: TestServer) => Promise<void>): Promise<void> => {
  const { config = {}, host = createScriptedHost(), clock = systemClock } = options;
  const services = createTestServices();
  const { services: watched, nextEnd } = watchEnds(services);
  const proxy = new LlmProxy({ services: { ...watched, clock }, hosts: options.hosts ?? { selector: host }, instance: "test", ...(options.balances && { balances: options.balances }), onChange: () => options.onChange?.(proxy) });
  try {
    const applied = await proxy.apply(configOf(config));
    if (applied.result === "rejected") throw new Error(applied.problems.map(({ message }) => message).join(" "));
    const url = proxy.status().listeners[0]?.url ?? "";
    const post = (body: unknown, signal?: AbortSignal): Promise<Response> => fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
    await work({ url, port: Number(new URL(url).port), proxy, host, services, post, nextEnd });
  } finally {
    await proxy.close(0);
  }
};

/** The log is where the end of an exchange shows: it has a line for each, written when all is given back. */
const watchEnds = (services: TestServices): { services: TestServices; nextEnd: () => Promise<LogLine> } => {
  const ends: LogLine[] = [];
  const waiting: ((line: LogLine) => void)[] = [];
  const info: TestServices["log"]["info"] = (event, fields = {}) => {
    services.log.info(event, fields);
    if (event !== "request") return;
    const line: LogLine = { level: "info", event, fields };
    const waiter = waiting.shift();
    if (waiter === undefined) ends.push(line);
    else waiter(line);
  };
  return {
    services: { ...services, log: { ...services.log, info } },
    nextEnd: () => new Promise((resolve) => {
      const line = ends.shift();
      if (line === undefined) waiting.push(resolve);
      else resolve(line);
    }),
  };
};
