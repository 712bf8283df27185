import type { Tone } from '../runner.ts';

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
