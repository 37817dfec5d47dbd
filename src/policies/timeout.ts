import { peekFirst, untilAborted, type Ask, type ChatCall } from "../chat/call.ts";
import { StopController, whenAborted } from "../chat/stop-signal.ts";
import { timedOut, type TimeLimit } from "../errors.ts";
import type { Clock } from "../services.ts";

export interface TimeoutOptions {
  /** From asking a model to its first content part, for each attempt. */
  readonly firstToken: TimeLimit;
  /** From one part of a running answer to the next. While the client has yet to read, the model is not waited for. */
  readonly idle: TimeLimit;
  /** From the decoded request to the end of its answer, all attempts and waits between them included. */
  readonly total: TimeLimit;
}

/**
 * Asks a model and gives it up when its first content part does not come in time; the client's signal stays linked to the
 * attempt that wins. Throws `timedOut` (504), what the host throws, or the reason of `signal` the moment it aborts.
 */
export const firstToken = (limit: TimeLimit, clock: Clock) => (chat: ChatCall, model: string): Ask =>
  (request, context) => {
    const attempt = new StopController();
    whenAborted(context.signal, (reason) => attempt.abort(reason));
    const cancel = limit.ms === 0 ? undefined : clock.after(limit.ms, () => attempt.abort(timedOut("firstToken", limit, model)));
    const begun = peekFirst(chat(request, { ...context, signal: attempt }), attempt);
    // Some models cannot be stopped, and nobody waits for what they still have to say.
    return untilAborted(begun, attempt, cancel);
  };
