import { bodyTooLarge } from "../errors.ts";
import type { BodyRoom } from "../services.ts";
import type { ListenerPolicy } from "./policy.ts";

export interface BodyLimitOptions {
  /** Largest request body that is read. */
  readonly maxBodyBytes: number;
}

/**
 * Caps the body: by its declared length before a byte is read, and through `exchange.maxBodyBytes` while it comes in,
 * for bodies that declare none. Throws `bodyTooLarge` (413). What all bodies take together while they come in is counted in `room`.
 */
export const bodyLimit = ({ maxBodyBytes }: BodyLimitOptions, room?: BodyRoom): ListenerPolicy =>
  function bodyLimitPolicy(exchange) {
    exchange.maxBodyBytes = maxBodyBytes;
    if (room !== undefined) exchange.bodyRoom = room;
    const declared = Number(exchange.header("content-length") ?? 0);
    if (declared > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
  };
