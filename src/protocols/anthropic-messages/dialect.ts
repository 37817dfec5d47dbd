import type { Dialect } from "../protocol.ts";
import { encodeError } from "./encode-error.ts";
import { encodeModel, encodeModels } from "./encode-models.ts";

/** Anthropic's clients send the version of its API with every request. @see https://docs.anthropic.com/en/api/versioning */
export const anthropicDialect: Dialect = {
  isSpokenBy: (request) => request.header("anthropic-version") !== undefined,
  encodeModels,
  encodeModel,
  encodeError,
};
