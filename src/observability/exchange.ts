import type { Exchange } from "../policies/policy.ts";
import type { Log } from "../services.ts";

/** Writes one line for one request: who asked for what, who answered, how long it took and how it ended. */
export const logExchange = (log: Log, { id, method, path, keyName, clientLeft, record }: Exchange, durationMs: number): void => {
  // A scrape or a look at health each few seconds is nothing to read about, as long as it goes well.
  const isRoutine = record.route === undefined && record.errorCode === undefined;
  log[isRoutine ? "debug" : "info"]("request", {
    id,
    method,
    path,
    route: record.route,
    key: keyName,
    auth: record.authFailure,
    limit: record.rateLimited?.limit,
    alias: record.alias,
    model: record.model,
    attempts: record.attempts,
    streamed: record.isStreamed,
    status: record.status,
    error: record.errorCode,
    inputTokens: record.inputTokens,
    outputTokens: record.outputTokens,
    warnings: record.warnings,
    firstPartMs: rounded(record.firstPartMs),
    durationMs: rounded(durationMs),
    // 499, as others log it: the client left before its answer was complete.
    ended: clientLeft ? "client-left" : record.errorCode === undefined ? "complete" : "failed",
  });
};

const rounded = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : Math.round(ms * 10) / 10);
