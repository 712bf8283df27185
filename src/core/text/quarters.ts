import { formatSize } from './format.ts';

const WORTH_TELLING_BYTES = 64 * 1024 * 1024;

/** A log cannot move: it is told a line for every quarter of a transfer that is worth it. */
export function quarters(
  { what, totalBytes }: { readonly what: string; readonly totalBytes: number },
  tell: (line: string) => void,
): (doneBytes: number) => void {
  let told = 0;
  return (doneBytes) => {
    const quarter = Math.floor((doneBytes / Math.max(totalBytes, 1)) * 4);
    if (totalBytes < WORTH_TELLING_BYTES || quarter <= told) return;
    told = quarter;
    tell(`${what}: ${quarter * 25} % of ${formatSize(totalBytes)}`);
  };
}
