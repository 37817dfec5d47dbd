import { withFixes } from "../config/fix.ts";
import { hostsOverlap } from "../config/hosts.ts";
import type { Loaded } from "../config/load.ts";
import { portFix } from "../config/port-fixes.ts";
import type { Problem } from "../config/problem.ts";
import type { Clock } from "../services.ts";

/** Which folder of this window has which port: two that ask for the same one are told so, instead of racing for it. */
export interface PortClaims {
  /**
   * What was loaded, with a problem for each port that another folder has. Without an error it is now what `file` claims,
   * in place of what it did before.
   * @param onWayFree runs once another folder claims less or has gone, where there was such a problem
   */
  claim(file: string, loaded: Loaded, onWayFree: () => void): Loaded;
  /** The ports of `file` are anybody's. */
  release(file: string): void;
}

interface Claim {
  readonly host: string;
  readonly port: number;
  /** Where its file asks for it. */
  readonly line: number;
  readonly listener: string;
  readonly index: number;
}

/** Whoever lets go may only be starting anew, and then has the first word again. */
const restartMs = 1000;

export const createPortClaims = (clock: Pick<Clock, "after">): PortClaims => {
  const claims = new Map<string, readonly Claim[]>();
  const refused = new Map<string, () => void>();
  /** Whoever was refused tries anew, and is refused anew where this has changed nothing for him. */
  const tellRefused = (): void => {
    const told = [...refused.values()];
    refused.clear();
    for (const onWayFree of told) onWayFree();
  };
  const holderOf = ({ host, port }: Claim, file: string): string | undefined => {
    for (const [other, theirs] of claims) {
      const held = other === file ? undefined : theirs.find((claim) => claim.port === port && hostsOverlap(claim.host, host));
      if (held !== undefined) return `${other}:${held.line}`;
    }
    return undefined;
  };
  /** The next one that no folder asks for. */
  const freePort = (port: number, wanted: readonly Claim[]): number => {
    const asked = new Set([...wanted, ...[...claims.values()].flat()].map((claim) => claim.port));
    let free = port;
    while (asked.has(free) && free < 65_535) free += 1;
    return free;
  };
  return {
    claim(file, loaded, onWayFree) {
      refused.delete(file);
      const wanted = claimsOf(loaded);
      const problems = wanted.flatMap((claim): readonly Problem[] => {
        const holder = holderOf(claim, file);
        return holder === undefined ? [] : [taken(claim, holder, loaded, freePort(claim.port, wanted))];
      });
      if (problems.length > 0) {
        refused.set(file, onWayFree);
        return { problems: [...loaded.problems, ...problems] };
      }
      if (loaded.config === undefined) return loaded;
      const before = claims.get(file) ?? [];
      claims.set(file, wanted);
      if (before.some((claim) => !wanted.some(({ host, port }) => host === claim.host && port === claim.port))) tellRefused();
      return loaded;
    },
    release(file) {
      refused.delete(file);
      if (claims.delete(file)) clock.after(restartMs, tellRefused);
    },
  };
};

/** Any free port is in nobody's way. */
const claimsOf = ({ config, rangeOfName }: Loaded): readonly Claim[] =>
  (config?.listeners ?? []).flatMap(({ name, host, ports }) => ports.map((port, index) => ({
    host, port, index, listener: name, line: rangeOfName?.(["listeners", name, "ports"]).start.line ?? 1,
  })).filter(({ port }) => port !== 0));

const taken = ({ host, port, listener, index }: Claim, holder: string, { rangeOfName, edits }: Loaded, free: number): Problem => {
  const path = ["listeners", listener, "ports"];
  return {
    severity: "error",
    message: `${host}:${port} is asked for by another folder of this window too, and it was first: ${holder}.`,
    hint: "Choose another port under listeners: in one of the two files.",
    path,
    range: rangeOfName?.(path) ?? { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } },
    ...withFixes([edits && portFix({ edits }, [...path, index], free)]),
  };
};
