import * as assert from "uvu/assert";
import type { ModelCall } from "../support/models.ts";
import type { Step } from "../support/script.ts";
import type { ProviderCase } from "./cases.ts";
import { askStreamed, askWhole, isOutcome } from "./outcome.ts";

/** Where a case is played: a proxy before some provider of models. */
export interface Stage {
  /** Of the proxy's route. */
  readonly url: string;
  /** Makes the provider do this from now on, one script for each time it is asked; the last one from then on. */
  direct(scripts: readonly (readonly Step[])[]): void | Promise<void>;
  /** What the provider was asked first since it was directed; of it, what can be told here. */
  firstCall(): Promise<Partial<ModelCall> | undefined>;
}

/** Plays a case twice, whole and streamed. */
export const playCase = async ({ request, scripts, outcome, asked = {} }: ProviderCase, stage: Stage): Promise<void> => {
  for (const [how, ask] of [["whole", askWhole], ["streamed", askStreamed]] as const) {
    await stage.direct(scripts);
    isOutcome(await ask(stage.url, request), outcome, how);
    const call: Partial<Record<string, unknown>> = (await stage.firstCall()) ?? {};
    for (const [field, expected] of Object.entries(asked)) assert.equal(call[field], expected, `${how}: ${field}`);
  }
};

/** Asks for a stream, and leaves once the first words of it are there. */
export const leaveEarly = async (url: string): Promise<void> => {
  const client = new AbortController();
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4", messages: [{ role: "user", content: "Hello" }], stream: true }),
    signal: client.signal,
  });
  await response.body?.getReader().read();
  client.abort();
};
