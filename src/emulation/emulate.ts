import type { Ability } from "../chat/abilities.ts";
import type { ChatCall } from "../chat/call.ts";
import type { StopSignal } from "../chat/stop-signal.ts";
import type { Services } from "../services.ts";
import { choices } from "./choices.ts";
import type { Emulation, EmulationContext } from "./emulation.ts";
import { manyTools } from "./many-tools.ts";
import { maxOutputTokens } from "./max-output-tokens.ts";
import { noToolCall } from "./no-tool-call.ts";
import { pairedResults } from "./paired-results.ts";
import { remoteImages } from "./remote-images.ts";
import { requiredTool } from "./required-tool.ts";
import { responseFormat } from "./response-format.ts";
import { singleToolCall } from "./single-tool-call.ts";
import { stopSequences } from "./stop-sequences.ts";
import { toolNames } from "./tool-names.ts";

/** What emulation needs to know of a model. */
export interface EmulatedModel {
  readonly vendor: string;
  readonly id: string;
  readonly chat: ChatCall;
  /** What the host does itself; absent = nothing of it. */
  readonly abilities?: readonly Ability[];
  /** Whether its count is by another tokenizer than its own; absent = no. */
  readonly estimatesTokens?: boolean;
  countTokens(text: string, signal: StopSignal): Promise<number>;
}

export interface EmulationServices {
  readonly clock: Services["clock"];
  readonly connections: Pick<Services["connections"], "fetchImage">;
}

/**
 * Innermost first. Limits of length lie below what looks at a whole answer, so that an answer that was cut is known as one.
 * Tools get other names last of all, below everything that makes tools of its own. Choices lie outside: each is a whole
 * answer, with all of the above; outside of them only what is done once for all.
 */
const emulations: readonly Emulation[] = [
  pairedResults,
  toolNames,
  manyTools,
  stopSequences,
  maxOutputTokens,
  noToolCall,
  singleToolCall,
  requiredTool,
  responseFormat,
  choices,
  remoteImages,
];

/**
 * A model's call with everything done around it that the request asks for and the host cannot do. A request that asks for
 * nothing of the kind goes straight to the host: its parts pass through no layer.
 */
export const emulate = ({ vendor, id, chat, abilities, estimatesTokens = false, countTokens }: EmulatedModel, { clock, connections }: EmulationServices): ChatCall => {
  const can = new Set(abilities);
  return (request, callContext) => {
    if (!emulations.some((emulation) => emulation.isNeeded(request, can))) return chat(request, callContext);
    const needed = emulations.filter((emulation) => emulation.isNeeded(request, can));
    const context: EmulationContext = { model: `${vendor}/${id}`, can, clock, estimatesTokens, countTokens, fetchImage: connections.fetchImage };
    const call = needed.reduce((inner, emulation) => emulation.around(inner, context), chat);
    return call(request, callContext);
  };
};
