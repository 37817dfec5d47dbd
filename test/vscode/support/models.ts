import type { Inside } from "./extension-host.ts";
import type { Step } from "./script.ts";

/** `copilot` is played as Copilot declares itself; `fixture` is any other provider's. */
export type Vendor = "copilot" | "fixture";

/** A model as a provider declares it; see `vscode.LanguageModelChatInformation`. */
export interface ModelInformation {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly version: string;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
  readonly capabilities: { readonly toolCalling?: boolean | number; readonly imageInput?: boolean };
  /** Makes VS Code ask for consent, of providers that may use the proposal for it: on hosts with open proposals. */
  readonly requiresAuthorization?: boolean;
}

export interface Response {
  readonly steps: readonly Step[];
  /** Default: every model. */
  readonly model?: string;
  /** Used up by one call. Default: false. */
  readonly once?: boolean;
  /** What the model does when its token is cancelled: end quietly, throw a CancellationError, or go on as if nothing was. Default: return. */
  readonly whenCancelled?: "return" | "throw" | "ignore";
}

export type EventName = "started" | "part" | "paused" | "cancelled" | "ended" | "failed";

/** `order` counts over all calls; `atMs` is `performance.now()` of the extension host. */
export interface CallEvent {
  readonly event: EventName;
  readonly call: number;
  readonly order: number;
  readonly atMs: number;
}

export type DescribedPart =
  | { readonly text: string }
  | { readonly value: unknown }
  | { readonly toolCall: { readonly id: string; readonly name: string; readonly input: unknown } }
  | { readonly toolResult: { readonly id: string; readonly content: readonly DescribedPart[] } }
  | { readonly data: { readonly mimeType: string; readonly base64: string } };

/** A call as it reached the provider. */
export interface ModelCall {
  readonly number: number;
  readonly vendor: Vendor;
  readonly model: string;
  readonly messages: readonly {
    readonly role: "user" | "assistant" | "system" | number;
    readonly name?: string;
    readonly content: readonly DescribedPart[];
  }[];
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly inputSchema?: object | undefined;
  }[];
  readonly toolMode: "auto" | "required" | number;
  readonly modelOptions: Readonly<Record<string, unknown>>;
  readonly requestInitiator?: string;
  readonly events: readonly CallEvent[];
}

export interface Journal {
  readonly calls: readonly ModelCall[];
  until(event: EventName, call?: number): Promise<CallEvent>;
}

/** What the fixture extension leaves in the globals of its extension host. */
export interface Fixture {
  readonly journal: Journal;
  readonly vendors: Readonly<Record<Vendor, { register(): void; unregister(): void }>>;
  respond(response: Response): void;
  resume(): void;
  setModels(vendor: Vendor, models: readonly ModelInformation[]): void;
  reset(): void;
}

/** The models of a window, as a test directs them. */
export interface Models {
  /** From now on; what was said last counts. Without it a model says "ok". */
  respond(steps: readonly Step[], more?: Omit<Response, "steps">): Promise<void>;
  /** Lets every script that stands at a `pause()` go on. */
  resume(): Promise<void>;
  calls(): Promise<readonly ModelCall[]>;
  /** The first such event of the call with that number, or of any; waits for it when it has not happened yet. */
  until(event: EventName, call?: number): Promise<CallEvent>;
  /** Replaces what a vendor offers, and tells VS Code so. */
  set(vendor: Vendor, models: readonly ModelInformation[]): Promise<void>;
  /** Takes a vendor's provider away, as when its extension is disabled. */
  unregister(vendor: Vendor): Promise<void>;
  register(vendor: Vendor): Promise<void>;
  /** As after the start: both vendors with their usual models, nothing scripted, no call remembered. */
  reset(): Promise<void>;
}

type Run = <Result, Argument = undefined>(
  task: (inside: Inside, argument: Argument) => Result | PromiseLike<Result>,
  argument?: Argument,
) => Promise<Result>;

export const createModels = (run: Run): Models => ({
  respond: (steps, more) => run(({ fixture }, response) => fixture.respond(response), { steps, ...more }),
  resume: () => run(({ fixture }) => fixture.resume()),
  calls: () => run(({ fixture }) => fixture.journal.calls),
  until: (event, call) => run(({ fixture }, of) => fixture.journal.until(of.event, of.call), { event, call }),
  set: (vendor, models) => run(({ fixture }, to) => fixture.setModels(to.vendor, to.models), { vendor, models }),
  unregister: (vendor) => run(({ fixture }, name) => fixture.vendors[name].unregister(), vendor),
  register: (vendor) => run(({ fixture }, name) => fixture.vendors[name].register(), vendor),
  reset: () => run(({ fixture }) => fixture.reset()),
});
