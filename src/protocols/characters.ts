/** Puts characters together that a model has cut in two, one text after another. */
export interface CharacterJoiner {
  /** The next text without a half character: a first half at its end waits for its second half; empty where all of it waits. */
  next(text: string): string;
  /** What still waits when no more comes. */
  rest(): string;
}

/**
 * Some hosts cut text between the two halves of a character beyond U+FFFF. Each half alone is escaped in JSON, which
 * several languages' parsers refuse and others never join again. A half without its other becomes U+FFFD.
 */
export const joinCharacters = (): CharacterJoiner => {
  let half = "";
  return {
    next(text) {
      const whole = half === "" ? text : half + text;
      half = isFirstHalf(whole.charCodeAt(whole.length - 1)) ? whole.slice(-1) : "";
      return (half === "" ? whole : whole.slice(0, -1)).toWellFormed();
    },
    rest() {
      const rest = half.toWellFormed();
      half = "";
      return rest;
    },
  };
};

/** @see https://www.unicode.org/glossary/#high_surrogate_code_unit */
const isFirstHalf = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
