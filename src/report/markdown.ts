import { printable, printableLine, shorten } from '../text/printable.ts';

// GitHub makes links of bare addresses, too: `https://` and `www.` at a word's start.
const AUTOLINK = /((?:https?|ftp)(?=:\/\/)|www(?=\.))([:.])/gi;

/**
 * Text from outside as Markdown: nothing in it is HTML, a link, a mention, a table border or emphasis any more. GitHub
 * renders character references, so what is shown is what was said.
 */
export function markdownText(text: string, maxLength = 500): string {
  return shorten(printableLine(text, maxLength), maxLength)
    .replace(/[&<>|`*_~[\]\\#@!$]/g, (character) => `&#${character.codePointAt(0)};`)
    .replace(AUTOLINK, (_found, head: string, mark: string) => `${head}&#${mark.charCodeAt(0)};`);
}

/** A value in a code span's look that cannot break out: `<code>` with references inside. */
export function markdownCode(text: string, maxLength = 500): string {
  return `<code>${markdownText(text, maxLength)}</code>`;
}

/** Only links that we build ourselves, to hosts that we know. */
export function markdownLink(label: string, url: string): string {
  return `[${markdownText(label)}](${url.replace(/[()\s<>"'|]/g, percentEncode)})`;
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
