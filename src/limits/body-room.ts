import type { BodyRoom } from "../services.ts";

/** What all bodies that are being received may take together, or twice what a single one may where that is more. */
export const bodyRoomBytes = 128 * 1024 ** 2;

interface Guest {
  bytes: number;
  readonly makeWay: (roomBytes: number) => void;
}

/**
 * Room for bodies until they have come whole. Where there is too little, the largest makes way: however many slow uploads
 * there are, a small request is always received. A single body finds room whatever its size.
 */
export const createBodyRoom = (leastBytes = bodyRoomBytes): BodyRoom => {
  const guests = new Set<Guest>();
  let taken = 0;
  const leave = (guest: Guest): void => {
    if (guests.delete(guest)) taken -= guest.bytes;
  };
  const largest = (): Guest | undefined => {
    let found: Guest | undefined;
    for (const guest of guests) if (found === undefined || guest.bytes > found.bytes) found = guest;
    return found;
  };
  const makeRoom = (roomBytes: number): void => {
    if (taken <= roomBytes) return;
    const victim = largest();
    // Alone, or with others that have sent nothing yet.
    if (victim === undefined || victim.bytes === taken) return;
    leave(victim);
    victim.makeWay(roomBytes);
    makeRoom(roomBytes);
  };
  return {
    enter(mostBytes, makeWay) {
      const guest: Guest = { bytes: 0, makeWay };
      guests.add(guest);
      return {
        grow(bytes) {
          if (!guests.has(guest)) return;
          guest.bytes += bytes;
          taken += bytes;
          makeRoom(Math.max(leastBytes, 2 * mostBytes));
        },
        leave: () => leave(guest),
      };
    },
  };
};
