/** A place in a text; both count from 1, columns in UTF-16 units as editors count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** From a place to the one behind the last character. */
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** The start of a file: where problems of the file as a whole stand. */
export const fileStart: Range = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

/** Turns offsets into `text` into ranges. Offsets beyond the text mean its end. */
export const createPositions = (text: string): ((start: number, end?: number) => Range) => {
  const lineStarts = findLineStarts(text);
  const position = (offset: number): Position => {
    const place = Math.min(Math.max(offset, 0), text.length);
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((lineStarts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: place - (lineStarts[low] ?? 0) + 1 };
  };
  return (start, end = start) => ({ start: position(start), end: position(end) });
};

/** Turns positions of `text` into offsets; the other direction of `createPositions`. */
export const createOffsets = (text: string): ((position: Position) => number) => {
  const lineStarts = findLineStarts(text);
  return ({ line, column }) => Math.min((lineStarts[line - 1] ?? text.length) + column - 1, text.length);
};

/** Whether `a` stands before `b`: below 0; at the same place: 0. */
export const comparePositions = (a: Position, b: Position): number => a.line - b.line || a.column - b.column;

/** Whether a place is in a range, whose both ends count. */
export const isWithin = (place: Position, { start, end }: Range): boolean => comparePositions(start, place) <= 0 && comparePositions(place, end) <= 0;

/** A line ends with \n, \r\n or a \r alone, as editors take it. */
const findLineStarts = (text: string): readonly number[] => {
  const starts = [0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1);
  }
  return starts;
};
