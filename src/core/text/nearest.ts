/** What somebody may have meant, and how many letters away from it they wrote. `known` is not empty. */
export function nearest(word: string, known: readonly string[]): { readonly name: string; readonly distance: number } {
  const measured = known.map((name) => ({ name, distance: editDistance(word.slice(0, 80).toLowerCase(), name) }));
  return measured.reduce((best, candidate) => (candidate.distance < best.distance ? candidate : best), {
    name: known[0] ?? '',
    distance: Number.POSITIVE_INFINITY,
  });
}

/** Levenshtein: letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 0; row < from.length; row += 1) {
    const current = [row + 1];
    for (let column = 0; column < to.length; column += 1) {
      const replaced = (previous[column] ?? 0) + (from[row] === to[column] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
