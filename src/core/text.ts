import type { Tone } from './runner.ts';

/**
 * Text from outside, made safe to print in a workflow log. The runner reads commands out of what is printed: `::x::` at
 * a line's start (blanks before it do not help) and `##[x]` anywhere in a line. Its line ends are CR, LF and CRLF;
 * terminals and viewers also break at NEL, LS and PS. A zero-width space splits a command without changing what is read.
 */

const ZERO_WIDTH_SPACE = '\u200b';
// C0 and C1 controls but for tab and newline, DEL, line and paragraph separators, bidirectional overrides, BOM.
const UNPRINTABLE = /(?![\t\n])[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Longer lines than this are read by nobody, and slow every viewer down. */
const LINE_LENGTH = 16_000;

/** One or more lines; every line is safe at a line's start, and of a length that can be read. */
export function printable(text: string): string {
  return escapeControls(text.replace(/\r\n/g, '\n'))
    .split('\n')
    .map((line) => disarmCommands(shorten(line, LINE_LENGTH)))
    .join('\n');
}

/** The same in one line of at most `maxLength` characters: newlines and tabs become blanks. */
export function printableLine(text: string, maxLength = 2000): string {
  const line = disarmCommands(escapeControls(text.replace(/\s*[\r\n]+\s*/g, ' ').replace(/\t/g, ' ')).trim());
  return shorten(line, maxLength);
}

/** Cut to `maxLength` characters, the cut marked by an ellipsis, never in the middle of a surrogate pair. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const cut = text.slice(0, maxLength - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

function escapeControls(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function disarmCommands(line: string): string {
  return line.replace(/^(\s*):(?=:)/u, `$1:${ZERO_WIDTH_SPACE}`).replace(/##(?=\[)/g, `##${ZERO_WIDTH_SPACE}`);
}

// Select Graphic Rendition codes (ECMA-48); GitHub's log viewer shows them. Set anew on each line, as it wants them.
const COLOURS: Readonly<Record<Tone, string>> = { good: '32', bad: '31', changed: '33', quiet: '90' };

/** Text that is safe already, in its tone's colour. */
export function colorize(text: string, tone: Tone | undefined): string {
  if (tone === undefined) return text;
  return text
    .split('\n')
    .map((line) => `\u001b[${COLOURS[tone]}m${line}\u001b[0m`)
    .join('\n');
}

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

const EMPTY = new Set(['', '{}', '[]']);

/** The outputs that have a value, one a line. */
export function outputLines(outputs: ReadonlyMap<string, string>): readonly string[] {
  const given = [...outputs].filter(([, value]) => !EMPTY.has(value));
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `  ${name.padEnd(width)}  ${value.replaceAll('\n', ' ')}`);
}

// A dot within a path or a version ends no sentence.
const BY_PLACE = /\b([Ii])n a workflow,? ([^;]+); in a terminal,? ((?:[^.;)]|\.(?=\S))+)/g;

/** A sentence that differs by where it is read is written `In a workflow, do this; in a terminal, do that.` */
export function wordsFor(place: 'workflow' | 'terminal', text: string): string {
  return text.replace(BY_PLACE, (...[, first, workflow, terminal]: readonly string[]) => {
    const chosen = (place === 'workflow' ? workflow : terminal) ?? '';
    return first === 'I' ? `${chosen.charAt(0).toUpperCase()}${chosen.slice(1)}` : chosen;
  });
}

/** Where the text of a line begins: behind its one or two labels, which blanks set off. */
const LABELS = /^(?: *\S+(?: \S+)*? {2,}){1,2}/;
// oxlint-disable-next-line no-control-regex -- the colours of a terminal take no room
const COLOUR_CODES = /\u001b\[[\d;]*m/g;

/**
 * Text in lines of at most `columns` characters, broken at blanks; what goes on stands below where it began. A longer
 * word stays whole, for it is copied (a path, an ARN), and so does a line of a container's log.
 */
export function wrapText(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (widthOf(line) <= columns || line.startsWith('  | ') ? line : wrapLine(line, columns)))
    .join('\n');
}

function wrapLine(line: string, columns: number): string {
  const plain = line.replace(COLOUR_CODES, '');
  const labels = LABELS.exec(plain)?.[0].length ?? 0;
  const leading = plain.length - plain.trimStart().length;
  const hang = ' '.repeat(labels > 0 && labels <= columns / 2 ? labels : Math.min(Math.max(leading, 2), columns / 2));
  const lines: string[] = [];
  let current = '';
  for (const [piece] of line.matchAll(/ *[^ ]+/g)) {
    // What fits on no line stays where it is: the terminal breaks it.
    const fits = hang.length + widthOf(piece.trimStart()) <= columns;
    if (current.trim() !== '' && widthOf(current) + widthOf(piece) > columns && (fits || widthOf(current) > columns)) {
      lines.push(current);
      current = `${hang}${piece.trimStart()}`;
    } else current += piece;
  }
  return [...lines, current].join('\n');
}

function widthOf(line: string): number {
  return line.replace(COLOUR_CODES, '').length;
}

/** A path as a word of a command that can be copied into a shell. */
export function shellWord(path: string): string {
  const safe = path.startsWith('-') ? `./${path}` : path;
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
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
