import type { Path } from "./config/problem.ts";
import type { Config } from "./config/types.ts";
import { hostPort, type BindError } from "./listeners/bind.ts";
import type { Holder } from "./listeners/holder.ts";
import type { SocketSpec } from "./listeners/reconcile.ts";

/** Why a configuration that reads well could not be put to work; `path` leads to what names it in the file. */
export interface ApplyProblem {
  /** The system's word for it, such as EADDRINUSE. */
  readonly code: string;
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
  /** One that could be listened on instead, of a port that somebody else has. */
  readonly freePort?: number;
}

/** A socket that could not be bound, in the words of the file. */
export const socketProblem = (spec: SocketSpec, { code, message }: BindError, config: Config): ApplyProblem => ({
  code,
  path: pathOf(spec, propertyOf[code] ?? "host", config),
  message: `${message}.`,
  hint: hints[code] ?? "Choose another host or port for this listener.",
});

/** A socket whose port somebody else has. */
export const takenProblem = (spec: SocketSpec, { name, freePort }: Holder, config: Config): ApplyProblem => ({
  code: "EADDRINUSE",
  path: pathOf(spec, "ports", config),
  message: `${hostPort(spec.host, spec.port)} cannot be listened on: ${name} has the port.`,
  hint: freePort === undefined
    ? "Stop what listens there, or choose another port for this listener."
    : `Port ${freePort} is free: write ${freePort} instead, or ifBusy: next to take the next free one whenever this is taken.`,
  ...(freePort === undefined ? {} : { freePort }),
});

const pathOf = ({ listener, port }: SocketSpec, property: string, config: Config): Path => {
  if (property !== "ports") return ["listeners", listener, property];
  const index = config.listeners.find(({ name }) => name === listener)?.ports.indexOf(port) ?? 0;
  return ["listeners", listener, "ports", index];
};

const propertyOf: Readonly<Record<string, string>> = { EADDRINUSE: "ports", EACCES: "ports", EUNSAFE: "ports", ETLS: "tls" };

const hints: Readonly<Record<string, string>> = {
  EACCES: "Choose a port above 1023.",
  EADDRNOTAVAIL: "Use 127.0.0.1, or an address of this machine.",
  ENOTFOUND: "Use an address or a name that this machine can look up.",
  EUNSAFE: "Choose a port that browsers do not block, such as 8080.",
  EHOSTNAME: "Use 127.0.0.1, or an address or a name of this machine.",
  ETLS: "Use a certificate with a key of at least 2048 bits (RSA) or 256 bits (elliptic curve).",
};
