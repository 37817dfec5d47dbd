import type { UpstreamResponse } from "./connections.ts";

/** What an upstream says of its limits, in the words that OpenAI's clients read. @see https://platform.openai.com/docs/guides/rate-limits */
const names = ["limit", "remaining", "reset"].flatMap((what) => ["requests", "tokens"].map((unit) => `x-ratelimit-${what}-${unit}`));

/** Those of the headers that this answer has; values that would not pass as a header are left out. */
export const rateHeadersOf = (response: UpstreamResponse): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {};
  for (const name of names) {
    const value = response.header(name);
    if (value !== undefined && /^[\u0020-\u007e]{1,100}$/.test(value)) headers[name] = value;
  }
  return headers;
};
