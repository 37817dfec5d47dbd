/** What a scripted model does, one thing after the other. Made with the functions below. */
export type Step =
  | { readonly do: "text"; readonly text: string; readonly times: number; readonly everyMs: number }
  | { readonly do: "thinking"; readonly text: string }
  | { readonly do: "tool-call"; readonly id: string; readonly name: string; readonly input: unknown }
  | { readonly do: "data"; readonly mimeType: string; readonly json?: unknown; readonly base64?: string }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "pause" }
  | {
      readonly do: "fail";
      readonly kind: FailureKind;
      readonly message: string;
      readonly name?: string;
      readonly code?: string;
    };

/** The three that `LanguageModelError` makes, an Error of any name and code, and the bare string that some providers throw. */
export type FailureKind = "blocked" | "no-permissions" | "not-found" | "plain" | "string";

/** A text part; `times` of them make a stream, the next one `everyMs` after the last. VS Code delivers parts closer than 30 ms in one go. */
export const text = (content: string, { times = 1, everyMs = 0 } = {}): Step => ({
  do: "text",
  text: content,
  times,
  everyMs,
});

export const thinking = (content: string): Step => ({ do: "thinking", text: content });

export const toolCall = (id: string, name: string, input: unknown): Step => ({ do: "tool-call", id, name, input });

export const data = (mimeType: string, base64: string): Step => ({ do: "data", mimeType, base64 });

/** The part that Copilot closes a response with. */
export const usage = (promptTokens: number, completionTokens: number): Step => ({
  do: "data",
  mimeType: "usage",
  json: {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  },
});

export const wait = (ms: number): Step => ({ do: "wait", ms });

/** Until `models.resume()` or the cancellation of the call; a model that hangs is a pause that nobody resumes. */
export const pause = (): Step => ({ do: "pause" });

/** Throws. VS Code loses parts of the last 30 to 50 ms before an error: put a `wait(100)` in front when they matter. */
export const fail = (
  kind: FailureKind,
  message: string,
  more: { readonly name?: string; readonly code?: string } = {},
): Step => ({ do: "fail", kind, message, ...more });
