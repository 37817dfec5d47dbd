import type { AliasOptions } from "../models/catalog.ts";
import type { ExchangeRecord } from "../policies/policy.ts";
import type { Clock } from "../services.ts";
import { createKnownNames, type KnownNames } from "./known-names.ts";
import { createMetrics } from "./metrics.ts";
import { createModelMetrics } from "./model-metrics.ts";
import type { Samples } from "./series.ts";
import { createTimeSpent, type TimeSpent } from "./time-spent.ts";

/**
 * The one set of figures of a proxy: status bar, `/health`, log and metrics all read from here, so they cannot disagree.
 * It outlives reloads, and is of constant size whatever clients send.
 */
export interface Figures {
  /** Counts the requests of one listener. */
  of(listener: string): ListenerFigures;
  /** A configuration came into force, or did not. */
  reloaded(result: ReloadResult): void;
  /** From now on these are the models that have a label of their own. @param areKept whether metrics are: without, only what `totals` tells */
  configured(models: readonly Pick<AliasOptions, "name" | "targets">[], areKept: boolean): void;
  readonly metrics: readonly Samples[];
  totals(): Totals;
}

export type ReloadResult = "applied" | "unchanged" | "rejected";

export interface ListenerFigures {
  /** A request has come in. */
  began(): void;
  /** It is over: once for each that began. */
  ended(record: ExchangeRecord, ending: ExchangeEnding): void;
}

export interface ExchangeEnding {
  readonly durationMs: number;
  readonly clientLeft: boolean;
}

export interface Totals extends TimeSpent {
  readonly requests: number;
  readonly active: number;
  /** Answers with a status from 500 on and failures inside a stream, as a share of all; 0 while there is none. */
  readonly errorRate: number;
}

export const createFigures = (clock: Pick<Clock, "monotonic">, version: string): Figures => {
  const metrics = createMetrics(version);
  const observeModel = createModelMetrics(metrics);
  const timeSpent = createTimeSpent(clock);
  const totals = { requests: 0, active: 0, errors: 0 };
  let known: KnownNames = createKnownNames([]);
  let areKept = true;

  const observeExchange = (record: ExchangeRecord, { durationMs, clientLeft }: ExchangeEnding, overheadMs: number): void => {
    const route = record.route ?? "unmatched";
    // 499, as proxies have it: the client left before there was a status.
    metrics.requests.add([route, record.protocol ?? "", String(record.status ?? 499)]);
    if (clientLeft) metrics.disconnects.add([record.firstPartMs === undefined ? "before-first-part" : "in-stream"]);
    if (record.authFailure !== undefined) metrics.authFailures.add([record.authFailure]);
    if (record.rateLimited !== undefined) metrics.rateLimited.add([record.rateLimited.scope, record.rateLimited.limit]);
    if (record.retries !== undefined) metrics.retries.add([], record.retries);
    for (const reason of record.fallbacks ?? []) metrics.fallbacks.add([known.alias(record.alias ?? ""), String(reason)]);
    metrics.overhead.observe([route], overheadMs / 1000);
    if (record.alias !== undefined) observeModel(record, known, { durationMs, clientLeft });
  };

  return {
    of(listener) {
      const labels = [listener];
      return {
        began() {
          totals.active += 1;
          metrics.inFlight.add(labels, 1);
        },
        ended(record, ending) {
          totals.active -= 1;
          totals.requests += 1;
          metrics.inFlight.add(labels, -1);
          if (!ending.clientLeft && hasFailed(record)) totals.errors += 1;
          const overheadMs = Math.max(0, ending.durationMs - (record.waitedMs ?? 0));
          if (record.alias !== undefined) timeSpent.observe(record, ending.durationMs, overheadMs);
          if (areKept) observeExchange(record, ending, overheadMs);
        },
      };
    },
    reloaded(result) {
      metrics.reloads.add([result]);
      metrics.lastReload.set([], result === "rejected" ? 0 : 1);
    },
    configured(models, kept) {
      known = createKnownNames(models);
      areKept = kept;
    },
    metrics: metrics.all,
    totals: () => ({
      requests: totals.requests,
      active: totals.active,
      errorRate: totals.requests === 0 ? 0 : totals.errors / totals.requests,
      ...timeSpent.summary(),
    }),
  };
};

/** What was answered as an error. Health that says 503 has not failed: that is what was asked. */
const hasFailed = ({ status = 0, errorCode }: ExchangeRecord): boolean => errorCode !== undefined && (status >= 500 || status === 200);
