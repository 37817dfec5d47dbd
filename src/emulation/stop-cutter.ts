/** Cuts text that comes in pieces before the first stop sequence. */
export interface StopCutter {
  /** What of the text so far is surely part of the answer and was not given yet. */
  next(text: string): string;
  /** What was held back because a stop sequence might have begun with it, when no more comes. */
  rest(): string;
  /** The stop sequence that ended the text; absent while none did. */
  readonly found: string | undefined;
}

/**
 * The sequence that is complete first ends the text, the longest of those that end at the same place: so the cut is the same
 * however the text came in pieces, and as a model would have stopped that looks after each character.
 * @param sequences none of them empty
 */
export const createStopCutter = (sequences: readonly string[]): StopCutter => {
  let held = "";
  let found: string | undefined;
  const take = (text: string): string => {
    const match = firstMatch(text, sequences);
    found = match?.sequence;
    const end = match?.start ?? text.length - heldLength(text, sequences);
    held = match === undefined ? text.slice(end) : "";
    return text.slice(0, end);
  };
  return {
    next: (text) => (found === undefined ? take(held + text) : ""),
    rest() {
      const rest = held;
      held = "";
      return rest;
    },
    get found() {
      return found;
    },
  };
};

interface Match {
  readonly sequence: string;
  readonly start: number;
}

const firstMatch = (text: string, sequences: readonly string[]): Match | undefined => {
  let first: Match | undefined;
  for (const sequence of sequences) {
    const start = text.indexOf(sequence);
    if (start === -1) continue;
    const [end, firstEnd] = [start + sequence.length, first === undefined ? Infinity : first.start + first.sequence.length];
    if (end < firstEnd || (end === firstEnd && start < (first?.start ?? 0))) first = { sequence, start };
  }
  return first;
};

/** How much of the end of `text` a stop sequence may begin with. */
const heldLength = (text: string, sequences: readonly string[]): number =>
  Math.max(0, ...sequences.map((sequence) => beginningLength(text, sequence)));

/** Length of the longest end of `text` that `sequence` begins with and is longer than. */
const beginningLength = (text: string, sequence: string): number => {
  const first = sequence.charAt(0);
  let start = text.indexOf(first, Math.max(0, text.length - sequence.length + 1));
  while (start !== -1) {
    if (sequence.startsWith(text.slice(start))) return text.length - start;
    start = text.indexOf(first, start + 1);
  }
  return 0;
};
