import { createParser } from "eventsource-parser";

/** Every value of an answer that a test may look into without checking each step. */
export interface Json {
  readonly [name: string]: Json;
}

/** An answer's JSON. Lets a test write `body.error.code`; what is not there is undefined, as in any JSON. */
export const jsonOf = async (response: Response): Promise<Json> => (await response.json()) as Json;

export interface WireError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

export const errorOf = async (response: Response): Promise<WireError> => ((await response.json()) as { error: WireError }).error;

/** The data of every event of a text of server-sent events, comments left out. */
export const eventsIn = (text: string): readonly string[] => {
  const events: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => void events.push(data), onError: (error) => { throw error; } });
  parser.feed(text);
  return events;
};

/** The texts of a streamed chat completion, joined. */
export const streamedText = (text: string): string =>
  eventsIn(text)
    .filter((data) => data !== "[DONE]")
    .map((data) => (JSON.parse(data) as { choices?: readonly { delta?: { content?: string } }[] }).choices?.[0]?.delta?.content ?? "")
    .join("");

/** Reads a body piece by piece, as it comes. */
export const readPieces = (response: Response): { next(): Promise<string | undefined>; cancel(): Promise<void> } => {
  if (response.body === null) throw new Error("The answer has no body.");
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  return {
    async next() {
      const { value } = (await reader.read()) as { value?: Uint8Array };
      return value === undefined ? undefined : decoder.decode(value, { stream: true });
    },
    cancel: () => reader.cancel(),
  };
};
