import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { isFree, type Address } from "./bind.ts";
import { processOn } from "./process-on-port.ts";

/** Who has a port that is wanted. */
export interface Holder {
  /** A proxy of this same file, in another window or terminal. */
  readonly isOurs: boolean;
  /** For people: `nginx (process 4711)`, `the LLM Proxy of another file`. */
  readonly name: string;
  /** A port above that could be had instead. */
  readonly freePort?: number;
}

/**
 * Finds out who listens on an address: asks there who it is, as far as it is a proxy of ours, and else the system.
 * @param instance how the proxy of this same file calls itself
 * @param healthPath where it says so
 */
export const findHolder = async (address: Address, instance: string, healthPath: string): Promise<Holder> => {
  const answered = await instanceAt(address, healthPath);
  if (answered === instance) return { isOurs: true, name: "the LLM Proxy of this file in another window or terminal" };
  const [program, freePort] = await Promise.all([processOn(address.port), freePortAbove(address)]);
  const proxy = answered === undefined ? undefined : "the LLM Proxy of another file";
  const name = [proxy, program].filter((part) => part !== undefined).join(", ") || "another program";
  return { isOurs: false, name, ...(freePort === undefined ? {} : { freePort }) };
};

/** Whether a proxy of this same file listens on an address. */
export const isHeldByUs = async (address: Address, instance: string, healthPath: string): Promise<boolean> =>
  await instanceAt(address, healthPath) === instance;

/** What health there says under `instance`, on a plain or on a secure socket; absent where no proxy of ours answers. */
const instanceAt = (address: Address, healthPath: string): Promise<string | undefined> =>
  Promise.any([getPlain, getSecure].map(async (get) => {
    const { instance } = JSON.parse(await read(address, healthPath, get)) as { instance?: unknown };
    if (typeof instance !== "string") throw new TypeError("This is no health report of ours.");
    return instance;
  })).catch(() => undefined);

type Get = (options: object, onResponse: (response: IncomingMessage) => void) => ReturnType<typeof getHttp>;

const getPlain: Get = (options, onResponse) => getHttp(options, onResponse);
// Nothing secret is sent, and all that the answer can do is make us wait.
const getSecure: Get = (options, onResponse) => getHttps({ ...options, rejectUnauthorized: false }, onResponse);

const answerWithinMs = 500;
/** Whoever is on this machine gets all of its status. */
const maxAnswerLength = 1_000_000;

const read = ({ host, port }: Address, path: string, get: Get): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { host: reachable(host), port, path, agent: false, signal: AbortSignal.timeout(answerWithinMs) };
    const request = get(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > maxAnswerLength) request.destroy(new Error("This is no health report."));
      });
      response.once("end", () => resolve(text));
      response.once("error", reject);
    });
    request.on("error", reject);
  });

const reachable = (host: string): string => (host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host);

/** Ports that people pick come in a row; further up they would not look for it. */
const nearPorts = 20;

const freePortAbove = async ({ host, port }: Address): Promise<number | undefined> => {
  for (let candidate = port + 1; candidate <= Math.min(port + nearPorts, 65_535); candidate += 1) {
    if (await isFree({ host, port: candidate })) return candidate;
  }
  return undefined;
};
