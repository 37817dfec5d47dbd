/**
 * The code of a model's provider, where clients act on it. Others are its own, of which there may be any number: they are
 * left out, for codes are labels of metrics too. @see https://platform.openai.com/docs/guides/error-codes
 */
export const providerCode = (code: string | undefined): string | null => (code !== undefined && providerCodes.has(code) ? code : null);

const providerCodes = new Set([
  "context_length_exceeded", "content_filter", "content_policy_violation", "insufficient_quota", "model_not_found", "model_not_supported", "unsupported_parameter", "unsupported_value",
]);
