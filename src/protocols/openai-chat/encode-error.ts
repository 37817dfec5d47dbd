import type { ProxyError } from "../../errors.ts";

/** OpenAI's error object; all four fields are always there, because SDKs show nothing of one that lacks any. */
export const encodeError = ({ message, type, param, code }: ProxyError): string =>
  JSON.stringify({ error: { message, type, param, code } });
