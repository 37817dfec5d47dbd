const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Readonly<Record<string, number>> = { "": 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Milliseconds of a duration as the schema allows it: `0`, or a whole number with ms, s, m, h or d. */
export const parseDuration = (written: string | number): number => parseQuantity(written, durationUnits);

/** Bytes of a size as the schema allows it: a whole number, alone or with KiB, MiB or GiB. */
export const parseSize = (written: string | number): number => parseQuantity(written, sizeUnits);

const parseQuantity = (written: string | number, units: Readonly<Record<string, number>>): number => {
  const [, digits = "", unit = ""] = /^(\d+)([A-Za-z]*)$/.exec(String(written)) ?? [];
  return Number(digits) * (units[unit] ?? 1);
};

/** Longer ones are slips, and lose their milliseconds in a double one day. */
export const maxDuration = { written: "365d", ms: 365 * 86_400_000 };

/** More than that fits no buffer that a body is read into. */
export const maxSize = { written: "1GiB", bytes: 1024 ** 3 };

/** What somebody may have meant by a length of time or a size that has no unit, or one that is written otherwise; the likeliest first. */
export const repairUnit = (written: unknown, kind: "duration" | "size"): readonly string[] => {
  if (typeof written === "number") return kind === "duration" && Number.isInteger(written) && written > 0 ? [`${written}s`, `${written}ms`, `${written}m`] : [];
  const [, digits, unit = ""] = /^ *(\d{1,10}) *([A-Za-z]*) *$/.exec(String(written)) ?? [];
  if (digits === undefined) return [];
  const meant = Object.entries(otherUnits[kind]).filter(([, pattern]) => pattern.test(unit)).map(([name]) => `${digits}${name}`);
  return unit === "" && kind === "duration" ? repairUnit(Number(digits), kind) : meant;
};

const otherUnits: Readonly<Record<"duration" | "size", Readonly<Record<string, RegExp>>>> = {
  duration: { ms: /^(?:ms|msecs?|milliseconds?)$/i, s: /^(?:s|secs?|seconds?)$/i, m: /^(?:m|mins?|minutes?)$/i, h: /^(?:h|hrs?|hours?)$/i, d: /^(?:d|days?)$/i },
  size: { KiB: /^(?:k|kb|kib)$/i, MiB: /^(?:m|mb|mib)$/i, GiB: /^(?:g|gb|gib)$/i },
};
