import type { Detail } from '../comparison-markdown.ts';
import { markdownLink, markdownTable, markdownText } from '../markdown.ts';
import type { Result } from '../record.ts';

/** How much of what can grow without end is shown. */
export interface Limits {
  /** Log lines of each failed step. */
  readonly logLines: number;
  /** Rows of a table, items of a list, paragraphs of a message. */
  readonly rows: number;
  readonly comparison: Detail;
}

/** What every section of the summary is made from. */
export interface View {
  readonly result: Result;
  readonly nowMs: number;
  readonly limits: Limits;
}

/** A link into the AWS console; after a rehearsal there is nothing behind it, so only its text is left. */
export function consoleLink({ result }: View, label: string, url: string): string {
  return result.rehearsal === true ? markdownText(label) : markdownLink(label, url);
}

/** A table of at most as many rows as the limits allow, with a note on the rest. */
export function limitedTable(
  { limits }: View,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [markdownTable(header, rows.slice(0, limits.rows)), restNote(rows.length - limits.rows, 'rows')]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The first items, and a note on the rest. */
export function limited({ limits }: View, items: readonly string[]): readonly string[] {
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
