import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { ListenerConfig } from "../config/types.ts";
import type { ProxyReport } from "../proxy.ts";

/** What a socket of the file says of its proxy, or why it says nothing. */
export type HealthAnswer = { readonly health: Health } | { readonly silent: string };

/** What everybody is told, and what only those with a key are. */
export type Health = Pick<ProxyReport, "state" | "version" | "generation" | "instance"> & Partial<ProxyReport>;

/** A proxy answers from memory: what takes longer is no proxy. */
const patienceMs = 3000;

/** Where a client on this machine reaches a listener. */
export const addressOf = ({ host, tls }: Pick<ListenerConfig, "host" | "tls">, port: number): string => {
  const reached = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${tls === undefined ? "http" : "https"}://${reached.includes(":") ? `[${reached}]` : reached}:${port}`;
};

/**
 * Asks a socket for its health. Under TLS, only whoever has the file's own certificate is told the key.
 * @param key absent = none is presented
 */
export const askHealth = (url: string, tls: ListenerConfig["tls"], key: string | undefined): Promise<HealthAnswer> =>
  new Promise((resolve) => {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const options = { headers, signal: AbortSignal.timeout(patienceMs), agent: false as const };
    const request = tls === undefined ? requestHttp(url, options)
      // The names in the certificate are those that clients use, not necessarily this one.
      : requestHttps(url, { ...options, ca: tls.cert, allowPartialTrustChain: true, checkServerIdentity: () => undefined });
    request.on("error", (error: NodeJS.ErrnoException) => resolve({ silent: reasonOf(error) }));
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => void chunks.push(chunk));
      response.on("error", (error) => resolve({ silent: reasonOf(error) }));
      response.on("end", () => resolve(readHealth(Buffer.concat(chunks).toString())));
    });
    request.end();
  });

const reasonOf = ({ name, code, message }: NodeJS.ErrnoException): string => {
  if (code === "ECONNREFUSED") return "nobody listens there";
  return name === "TimeoutError" || code === "ABORT_ERR" ? "no answer came" : message;
};

const readHealth = (body: string): HealthAnswer => {
  const stranger = { silent: "another program listens there" };
  try {
    const health = JSON.parse(body) as Partial<Health> | null;
    return typeof health?.state === "string" && typeof health.instance === "string" ? { health: health as Health } : stranger;
  } catch {
    return stranger;
  }
};
