/**
 * The names that somebody who wrote `name` may have meant, best first: at most `most`, none that would take changing
 * more than a third of it.
 */
export const nearestNames = (name: string, known: Iterable<string>, most = 3): readonly string[] => {
  const wanted = name.toLowerCase();
  const allowed = Math.max(1, Math.floor(name.length / 3));
  return [...known]
    .map((candidate) => ({ candidate, distance: candidate.toLowerCase().startsWith(wanted) ? 0.5 : editDistance(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate);
};

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
const editDistance = (a: string, b: string): number => {
  // A name of hostile length is nobody's slip, and the table below grows with the product of the two.
  if (Math.max(a.length, b.length) > 200) return Infinity;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      let cost = Math.min(at(previous, column) + 1, at(current, column - 1) + 1, at(previous, column - 1) + (isSame ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, at(beforePrevious, column - 2) + 1);
      }
      current.push(cost);
    }
    [beforePrevious, previous] = [previous, current];
  }
  return at(previous, b.length);
};

const at = (row: readonly number[], column: number): number => row[column] ?? Infinity;
