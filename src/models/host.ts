import type { Ability } from "../chat/abilities.ts";
import type { ChatCall } from "../chat/call.ts";
import type { EmbedCall } from "../chat/embedding.ts";
import type { StopSignal } from "../chat/stop-signal.ts";

/** What an alias may point at, as written under `models:`. */
export type Target = SelectorTarget | UpstreamTarget | EchoTarget;

/** The fields of the editor's `LanguageModelChatSelector`; at least one is there. */
export interface SelectorTarget {
  readonly kind: "selector";
  readonly vendor?: string;
  readonly family?: string;
  readonly version?: string;
  readonly id?: string;
  /** The part after the slash of the short form `vendor/name`: a family if one is called so, else an id. */
  readonly familyOrId?: string;
}

export interface UpstreamTarget {
  readonly kind: "upstream";
  /** Name of an upstream, declared under `upstreams:`. */
  readonly upstream: string;
  /** The model's name there; a `*` in it stands for the name that the client asked for. */
  readonly model: string;
}

export interface EchoTarget {
  readonly kind: "echo";
  readonly echo: EchoOptions;
}

export interface EchoOptions {
  /** What it answers; absent = the last user message, word by word. */
  readonly reply?: string;
  /** Between parts. */
  readonly delayMs: number;
  /** Before the first part. */
  readonly firstTokenMs: number;
  /** Sends this many parts of `partBytes` bytes each instead of words. */
  readonly parts?: number;
  readonly partBytes: number;
  /** Throws `status` after this many parts; 0 = before any. */
  readonly fail?: { readonly status: number; readonly after: number };
}

/** Whoever can answer: the editor, an upstream, echo. It knows models and parts, and no protocol. */
export interface ModelHost {
  /** In the log, metrics and errors: `echo`, `vscode.lm`. */
  readonly name: string;
  /** The model that `target` means now, or why there is none; a promise only where somebody has to be asked for it. */
  resolve(target: Target, context: ResolveContext): Resolution | Promise<Resolution>;
  /** Every model that this host can reach now, for wildcards and `vendor/id`. */
  listModels(): Promise<readonly Model[]>;
  /** Drops what it keeps for later: cached handles, listeners for changes. */
  dispose(): void;
}

export interface ResolveContext {
  /** The name the client asked for: what `*` in a selector stands for. */
  readonly requestedName: string;
  /** How long whoever asks may be kept waiting for models that are about to come. Absent = as long as the host sees fit. */
  readonly patienceMs?: number;
}

export type Resolution =
  | { readonly model: Model }
  /** A whole sentence: what is missing and what to do. */
  | { readonly unavailable: string };

/** One model that can be asked. Frozen facts: a handle behind `chat` may be renewed, the object stays. */
export interface Model {
  readonly vendor: string;
  readonly id: string;
  readonly family: string;
  readonly version: string;
  readonly name: string;
  /** Tokens of prompt it takes; 0 = unknown. */
  readonly maxInputTokens: number;
  readonly chat: ChatCall;
  /** What it does itself of what is otherwise done around it; absent = nothing of that. */
  readonly abilities?: readonly Ability[];
  /** Makes vectors of texts; absent = this model's host cannot. */
  readonly embed?: EmbedCall;
  /** Whether `countTokens` is by another tokenizer than the model's; absent = it is the model's own. */
  readonly estimatesTokens?: boolean;
  /** Tokens in `text`. */
  countTokens(text: string, signal: StopSignal): Promise<number>;
}
