import type { Abilities } from "../chat/abilities.ts";
import type { ChatCall } from "../chat/call.ts";
import type { ChatRequest, ImageContent, ImageLink } from "../chat/request.ts";
import type { StopSignal } from "../chat/stop-signal.ts";
import type { Clock } from "../services.ts";

/** One thing that a model's host may not do itself, done around it. */
export interface Emulation {
  /** Whether this request asks for it and the host cannot do it. Where it says no, no part passes through the emulation. */
  isNeeded(request: ChatRequest, can: Abilities): boolean;
  /** The same call with the thing done; what it takes over is gone from the request that the inner call gets. */
  around(call: ChatCall, context: EmulationContext): ChatCall;
}

export interface EmulationContext {
  /** `vendor/id`, for errors. */
  readonly model: string;
  /** What its host does itself. */
  readonly can: Abilities;
  readonly clock: Clock;
  /** Whether `countTokens` is by another tokenizer than the model's. */
  readonly estimatesTokens: boolean;
  /** Rejects where the model has no count. */
  countTokens(text: string, signal: StopSignal): Promise<number>;
  /** Throws `invalidField` (400) naming the link's field where there is no image, or none that may be fetched. */
  fetchImage(link: ImageLink, signal: StopSignal): Promise<ImageContent>;
}
