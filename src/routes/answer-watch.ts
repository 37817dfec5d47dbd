import { letGo, untilAborted, type BegunAnswer, type WaitWatcher } from "../chat/call.ts";
import { StopController, type StopSignal } from "../chat/stop-signal.ts";
import { timedOut } from "../errors.ts";
import { ClientLeftError, type Exchange } from "../policies/policy.ts";
import type { TimeoutOptions } from "../policies/timeout.ts";
import type { Clock } from "../services.ts";
import { watchSilence } from "./silence.ts";

/** What can end an answer before its time: the client leaves, the model falls silent, the whole takes too long. */
export interface AnswerWatch extends WaitWatcher {
  /** Aborts with what ends the answer: `ClientLeftError`, or the 504 that the client gets to see. */
  readonly signal: StopSignal;
  /** A model is asked: its first part has a limit of its own. */
  waitForFirstPart(): void;
  /** From now on the model's silence does not count. */
  waitForClient(): void;
  /** What `work` makes of a begun answer, unless something ends it before. However it ends, the host then runs its `finally`. */
  whileReading<Result>(begun: BegunAnswer, work: Promise<Result>): Promise<Result>;
}

/**
 * Watches one answer from beside it until the exchange ends, with a timer for each limit that is set: no part passes through
 * here. `total` runs from now on; `idle` while `waitForModel` was the last that was heard.
 */
export const watchAnswer = ({ idle, total }: Pick<TimeoutOptions, "idle" | "total">, exchange: Exchange, clock: Clock): AnswerWatch => {
  const answer = new StopController();
  const cancelTotal = total.ms === 0 ? undefined : clock.after(total.ms, () => answer.abort(timedOut("total", total, "The request")));
  const silence = watchSilence(clock, idle.ms, () => answer.abort(timedOut("idle", idle, exchange.record.model ?? "The model")));
  let waitsSince: number | undefined;
  /** However a wait ends: what it took is not the proxy's own. */
  const stopWaiting = (): void => {
    if (waitsSince === undefined) return;
    exchange.record.waitedMs = (exchange.record.waitedMs ?? 0) + clock.monotonic() - waitsSince;
    waitsSince = undefined;
  };
  const end = (): void => {
    stopWaiting();
    cancelTotal?.();
    silence.stop();
    if (exchange.clientLeft) answer.abort(new ClientLeftError());
  };
  if (exchange.clientLeft) end();
  else exchange.onEnd(end);
  const waitForClient = (): void => {
    waitsSince = clock.monotonic();
    silence.pause();
  };
  return {
    signal: answer,
    waitForFirstPart: waitForClient,
    waitForModel() {
      waitsSince = silence.heard();
    },
    waitForClient,
    resumed(partCount) {
      stopWaiting();
      exchange.record.partCount = (exchange.record.partCount ?? 0) + partCount;
    },
    whileReading: (begun, work) => untilAborted(work, answer, () => {
      stopWaiting();
      letGo(begun.rest);
    }),
  };
};
