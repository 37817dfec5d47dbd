import { randomBytes } from "node:crypto";

/** A key that nobody has: 256 bits. Clients that look at a key before they send it want OpenAI's sk- at its start. */
export const newKey = (): string => `sk-llmp-${randomBytes(32).toString("base64url")}`;
