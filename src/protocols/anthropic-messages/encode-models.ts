import type { ModelEntry } from "../protocol.ts";
import type { WireModel, WireModelList } from "./wire.ts";

/** All on one page, however many a page is asked to have. */
export const encodeModels = (models: readonly ModelEntry[]): string =>
  JSON.stringify({
    data: models.map(wireModel),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  } satisfies WireModelList);

export const encodeModel = (model: ModelEntry): string => JSON.stringify(wireModel(model));

/** What nobody here knows of a model is null; strict clients want every field to be there. */
const wireModel = ({ id, createdSeconds }: ModelEntry): WireModel => ({
  type: "model",
  id,
  display_name: id,
  created_at: new Date(createdSeconds * 1000).toISOString(),
  lifecycle: "active",
  deprecated_at: null,
  retires_at: null,
  line: null,
  capabilities: null,
  max_input_tokens: null,
  max_tokens: null,
});
