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

/** `Last 5 lines`, and `Last line` where there is one. */
export function lastLines(count: number): string {
  return count === 1 ? 'Last line' : `Last ${count} lines`;
}

/** A path as a word of a command that can be copied into a shell. */
export function shellWord(path: string): string {
  const safe = path.startsWith('-') ? `./${path}` : path;
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}

/** Why bytes are no text that can be read. */
export class TextEncodingError extends Error {
  /** What they seem to be, as an object of a sentence: `UTF-16 without a byte order mark`. */
  readonly encoding: string;
  /** What iconv calls it; undefined where there is nothing to convert. */
  readonly iconv: string | undefined;

  constructor(encoding: string, iconv?: string) {
    super(`The text is ${encoding}; expected UTF-8, or UTF-16 with a byte order mark`);
    this.name = 'TextEncodingError';
    this.encoding = encoding;
    this.iconv = iconv;
  }
}

/** What makes UTF-8 of a text file, with a command that can be copied. */
export function utf8Help(path: string, { iconv }: TextEncodingError): string {
  if (iconv === undefined) return 'Save it as text, in UTF-8.';
  const file = shellWord(path);
  return `Save it as UTF-8: \`iconv -f ${iconv} -t UTF-8 ${file} > utf8 && mv utf8 ${file}\`, in PowerShell by \`Set-Content -Encoding utf8\`.`;
}

interface Mark {
  readonly hex: string;
  readonly encoding: string;
  readonly iconv: string;
  /** undefined: it is recognised, and not read. */
  readonly label?: 'utf-8' | 'utf-16le' | 'utf-16be';
}

/** Byte order marks; the longer ones first, since UTF-32's begins as UTF-16's does. */
const MARKS: readonly Mark[] = [
  { hex: 'fffe0000', encoding: 'UTF-32', iconv: 'UTF-32' },
  { hex: '0000feff', encoding: 'UTF-32', iconv: 'UTF-32' },
  { hex: 'efbbbf', encoding: 'UTF-8', iconv: 'UTF-8', label: 'utf-8' },
  { hex: 'fffe', encoding: 'UTF-16 (little endian)', iconv: 'UTF-16', label: 'utf-16le' },
  { hex: 'feff', encoding: 'UTF-16 (big endian)', iconv: 'UTF-16', label: 'utf-16be' },
];

/**
 * UTF-8 with and without a byte order mark, and UTF-16 with one, as Windows programs write it. The mark is left out.
 * @throws TextEncodingError that names what was found
 */
export function decodeText(bytes: Uint8Array): string {
  const mark = markOf(bytes);
  if (mark !== undefined && mark.label === undefined) throw new TextEncodingError(mark.encoding, mark.iconv);
  // Zeros are valid UTF-8, and no text holds them.
  if (mark === undefined && bytes.includes(0)) throw withZeros(bytes);
  try {
    return new TextDecoder(mark?.label ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    if (mark !== undefined) throw new TextEncodingError(`damaged ${mark.encoding}`);
    throw new TextEncodingError(`no UTF-8 (${firstWrong(bytes)})`, 'WINDOWS-1252');
  }
}

function markOf(bytes: Uint8Array): Mark | undefined {
  const start = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  return MARKS.find(({ hex }) => start.startsWith(hex));
}

/** PEP 263: in the first or second line. */
const CODING = /^(?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*(?!utf-?8\b)[-\w.]/i;

/** Whether a script says of itself that it is in another encoding than UTF-8. */
export function declaresCoding(script: string): boolean {
  return CODING.test(script);
}

/** Python reads UTF-8, and what the script itself declares: of that only ASCII is looked at. */
export function decodePython(bytes: Uint8Array): string {
  const mark = markOf(bytes);
  if (mark !== undefined && mark.label !== 'utf-8') throw new TextEncodingError(mark.encoding, mark.iconv);
  const bytewise = Buffer.from(bytes).toString('latin1');
  return !bytes.includes(0) && declaresCoding(bytewise) ? bytewise : decodeText(bytes);
}

function withZeros(bytes: Uint8Array): TextEncodingError {
  const first = bytes.subarray(0, 200);
  const zeros = [...first.keys()].filter((at) => first[at] === 0);
  const places = (width: number) => new Set(zeros.map((at) => at % width)).size;
  const unmarked = (kind: string, order: string) =>
    new TextEncodingError(`${kind} without a byte order mark`, `${kind}${order}`);
  if (zeros.length >= first.length * 0.7 && places(4) === 3) return unmarked('UTF-32', first[0] === 0 ? 'BE' : 'LE');
  if (zeros.length >= first.length / 3 && places(2) === 1) return unmarked('UTF-16', first[0] === 0 ? 'BE' : 'LE');
  if (first[0] === 0x1f && first[1] === 0x8b) return new TextEncodingError('no text (it is compressed by gzip)');
  return new TextEncodingError(`no text (it holds a zero byte at offset ${bytes.indexOf(0)})`);
}

/** `byte e9 at offset 12, as Windows-1252 has it`: the first that no UTF-8 has there. */
function firstWrong(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8');
  const good = decoder.decode(bytes).indexOf('\uFFFD');
  const offset = Buffer.byteLength(Buffer.from(bytes).toString('utf8').slice(0, good));
  const byte = bytes[offset]?.toString(16).padStart(2, '0') ?? '';
  return `byte ${byte} at offset ${offset}, as in Windows-1252 or Latin-1`;
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
