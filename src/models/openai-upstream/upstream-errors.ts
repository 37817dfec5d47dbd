import { modelFailed, modelUnreachable, ProxyError } from "../../errors.ts";
import { UnusableProxy } from "./choose-proxy.ts";
import type { UpstreamResponse } from "./connections.ts";
import { providerCode } from "./provider-code.ts";
import { ProxyFailure } from "./proxy-failure.ts";
import { rateHeadersOf } from "./rate-headers.ts";

/** Larger error bodies are cut: they are pages for people. */
const maxErrorBytes = 16_384;

/** An upstream's own error, in our shape: its status, its words, its code where clients act on it, and how long it says to wait. */
export const refusedByUpstream = async (upstream: string, response: UpstreamResponse): Promise<ProxyError> => {
  const { message, code, param } = readError(await response.text(maxErrorBytes).catch(() => ""));
  const { status } = response;
  const error = modelFailed(`The upstream ${upstream} answered ${status}${message === undefined ? "." : `: ${message}`}`, clientStatus(status));
  const retryAfterMs = retryAfter(response);
  return new ProxyError({
    status: error.status,
    type: error.type,
    code: providerCode(code) ?? error.code,
    message: error.message,
    headers: rateHeadersOf(response),
    ...(param === undefined ? {} : { param }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(code === "insufficient_quota" ? { isRetryable: false } : {}),
  });
};

/** The connection could not be made, or broke: `cause` has a system's or undici's code, or is a proxy's failure. */
export const unreachableUpstream = (upstream: string, url: string, cause: unknown): ProxyError => {
  const { origin } = new URL(url);
  const subject = `The upstream ${upstream} at ${origin}`;
  if (cause instanceof UnusableProxy) return modelUnreachable(`${subject} cannot be asked: ${cause.message}`, cause);
  if (cause instanceof ProxyFailure) return modelUnreachable(`${subject} lies behind the proxy ${cause.origin} (${cause.source}), ${proxyWords(cause)}`, cause);
  const { code = "" } = cause as { code?: string };
  return modelUnreachable(`${subject} ${unreachableWords[code] ?? `cannot be reached (${code || "unknown error"}).`}`, cause);
};

const proxyWords = ({ status, source, cause }: ProxyFailure): string => {
  if (status === 407) return `which asks for a user name and a password (407): write them into ${source} as http://user:password@host:port, or name the upstream's host in NO_PROXY.`;
  if (status !== undefined) return `which answered ${status} and lets nobody through to it: allow it there, or name the upstream's host in NO_PROXY.`;
  return `which cannot be reached (${(cause as { code?: string }).code ?? "unknown error"}): correct ${source}, or name the upstream's host in NO_PROXY.`;
};

const untrusted = "has a certificate of an authority that is not known here: name the file with that authority's certificate in NODE_EXTRA_CA_CERTS and start again.";

const unreachableWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused the connection: start it, or correct its baseUrl in .llmproxy.yaml.",
  ENOTFOUND: "has a name that cannot be looked up: correct its baseUrl in .llmproxy.yaml.",
  ECONNRESET: "closed the connection in the middle.",
  UND_ERR_SOCKET: "closed the connection in the middle.",
  UND_ERR_CONNECT_TIMEOUT: "did not take the connection in time.",
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED: "has a certificate that has expired: renew it there.",
  ERR_TLS_CERT_ALTNAME_INVALID: "has a certificate for another name: correct its baseUrl in .llmproxy.yaml.",
};

/** 409 would be sent again by SDKs, 422 is unknown to many: both are said as 400, and what is no error status as 502. */
const clientStatus = (status: number): number => {
  if (status === 409 || status === 422) return 400;
  return status >= 400 ? status : 502;
};

/** What an error says in any of the shapes that servers use; a page of HTML says nothing to a program. */
const readError = (text: string): { readonly message?: string; readonly code?: string; readonly param?: string } => {
  try {
    const body = fieldsIn(JSON.parse(text));
    const error = fieldsIn(body["error"]);
    const message = [error["message"], body["error"], body["message"], body["detail"]].find((candidate) => typeof candidate === "string");
    const { code, param } = error;
    return {
      ...(typeof message === "string" ? { message: message.slice(0, 1000) } : {}),
      ...(typeof code === "string" ? { code } : {}),
      ...(typeof param === "string" ? { param: param.slice(0, 200) } : {}),
    };
  } catch {
    return {};
  }
};

const fieldsIn = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === "object" && value !== null ? value as Readonly<Record<string, unknown>> : {});

/** @see RFC 9110 section 10.2.3: seconds or a date; some servers say it in milliseconds. */
const retryAfter = (response: UpstreamResponse): number | undefined => {
  const ms = Number(response.header("retry-after-ms") ?? NaN);
  if (Number.isFinite(ms)) return Math.max(0, ms);
  const written = response.header("retry-after");
  if (written === undefined) return undefined;
  const seconds = Number(written);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(written) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
};
