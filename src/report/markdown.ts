import { printable, printableLine, shorten } from '../core/text.ts';
import type { RunReport } from './record.ts';

// GitHub makes links of bare addresses, too: `https://` and `www.` at a word's start.
const AUTOLINK = /((?:https?|ftp)(?=:\/\/)|www(?=\.))([:.])/gi;

/**
 * Text from outside as Markdown: nothing in it is HTML, a link, a mention, a table border or emphasis any more. GitHub
 * renders character references, so what is shown is what was said.
 */
export function markdownText(text: string, maxLength = 500): string {
  // Mentions of people and issues are searched for after rendering, where a reference is its character again: what
  // follows `@`, `#` and `GH-` is kept apart by a zero-width space.
  return referenced(text, maxLength).replace(/&#(?:64|35);|\bGH-(?=\d)/gi, '$&&#8203;');
}

/** A value shown as a code span that cannot break out: `<code>` with references inside. Nobody is mentioned in code. */
export function markdownCode(text: string, maxLength = 500): string {
  return `<code>${referenced(text, maxLength)}</code>`;
}

function referenced(text: string, maxLength: number): string {
  return shorten(printableLine(text, maxLength), maxLength)
    .replace(/[&<>|`*_~[\]\\#@!$]/g, (character) => `&#${character.codePointAt(0)};`)
    .replace(AUTOLINK, (_found, head: string, mark: string) => `${head}&#${mark.charCodeAt(0)};`);
}

/** Only links that we build ourselves, to hosts that we know. */
export function markdownLink(label: string, url: string): string {
  return `[${markdownText(label)}](${url.replace(/[()\s<>"'|\\`]/g, percentEncode).replaceAll('&', '&amp;')})`;
}

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Lines in a block that nothing inside can close: indented by four blanks they are code, whatever they hold. */
export function markdownBlock(lines: readonly string[]): string {
  // Indentation inside a line stays: a traceback without it is hard to read.
  return lines.map((line) => `    ${shorten(printable(line.replace(/[\r\n]+/g, ' ').trimEnd()), 2000)}`).join('\n');
}

// encodeURIComponent leaves brackets and quotes as they are.
function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** How much of what can grow without end is shown. */
export interface Limits {
  /** Log lines of each failed step. */
  readonly logLines: number;
  /** Rows of a table, items of a list, paragraphs of a message. */
  readonly rows: number;
  readonly comparison: Detail;
}

/** What every section of the summary is made from. */
export interface SummaryView {
  readonly result: RunReport;
  readonly nowMs: number;
  readonly limits: Limits;
}

/** A link into the AWS console; after a rehearsal there is nothing behind it, so only its text is left. */
export function consoleLink({ result }: SummaryView, label: string, url: string): string {
  return result.rehearsal === true ? markdownText(label) : markdownLink(label, url);
}

/** A table of at most as many rows as the limits allow, with a note on the rest. */
export function limitedTable(
  { limits }: SummaryView,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [markdownTable(header, rows.slice(0, limits.rows)), restNote(rows.length - limits.rows, 'rows')]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The first items, and a note on the rest. */
export function limited({ limits }: SummaryView, items: readonly string[]): readonly string[] {
  const note = restNote(items.length - limits.rows, '');
  return note === '' ? items : [...items.slice(0, limits.rows), note];
}

function restNote(count: number, what: string): string {
  return count > 0
    ? `*and ${[count, 'more', what].filter((word) => word !== '').join(' ')}; the log has them all*`
    : '';
}

export function folded(summary: string, body: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** How much of a comparison is shown. */
export interface Detail {
  readonly uploads: boolean;
  readonly diffLines: number;
}
