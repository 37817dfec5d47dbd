import type { ModelInformation, Vendor } from "../models.ts";

const model = (
  id: string,
  family: string,
  version: string,
  [maxInputTokens, maxOutputTokens]: readonly [number, number],
  imageInput = false,
): ModelInformation => ({
  id,
  name: id,
  family,
  version,
  maxInputTokens,
  maxOutputTokens,
  capabilities: { toolCalling: true, imageInput },
});

/** What the two vendors offer until a test says otherwise. Those of `copilot` have ids, families and sizes as Copilot's have. */
export const usualModels: Readonly<Record<Vendor, readonly ModelInformation[]>> = {
  copilot: [
    model("gpt-4o", "gpt-4o", "gpt-4o-2024-11-20", [63_805, 4096], true),
    model("gpt-4o-mini", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", [63_805, 4096]),
    model("claude-sonnet-4", "claude-sonnet-4", "claude-sonnet-4", [79_805, 16_000], true),
  ],
  fixture: [
    model("small", "fixture", "1", [8192, 2048]),
    model("large", "fixture", "2", [128_000, 16_384], true),
  ],
};
