/** `95 s`, `12 min 5 s`, `2 h 3 min`: a duration for people. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min ${Math.round(seconds - minutes * 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `812 B`, `4.2 KB`, `1.3 GB` (powers of 1000, as the AWS console shows them). */
export function formatSize(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
  let value = bytes;
  let index = 0;
  while (value >= 1000 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  return index === 0 ? `${bytes} B` : `${value.toFixed(1)} ${units[index]}`;
}

const WORTH_REPORTING_BYTES = 64 * 1024 * 1024;

/** A log cannot move: it is reported a line for every quarter of a transfer that is worth it. */
export function progressMilestones(
  { what, totalBytes }: { readonly what: string; readonly totalBytes: number },
  report: (line: string) => void,
): (doneBytes: number) => void {
  let reported = 0;
  return (doneBytes) => {
    const quarter = Math.floor((doneBytes / Math.max(totalBytes, 1)) * 4);
    if (totalBytes < WORTH_REPORTING_BYTES || quarter <= reported) return;
    reported = quarter;
    report(`${what}: ${quarter * 25} % of ${formatSize(totalBytes)}`);
  };
}

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
