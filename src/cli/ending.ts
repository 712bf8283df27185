import { join } from 'node:path';
import { printable } from '../core/text/printable.ts';
import type { Status } from '../report/record.ts';
import { type Desk, type Record, SUMMARY } from './session.ts';

/** The last lines: the outputs as a table, or as a document where `writeDocument` takes one, and where the files are. */
export function tellEnd(status: Status, { record, terminal, folder }: Desk, writeDocument?: Write): void {
  if (writeDocument === undefined) terminal.log(`\n${outputTable(new Map([['status', status], ...record.outputs]))}\n`);
  terminal.log(printable(`Summary: ${join(folder(), SUMMARY)}`));
  writeDocument?.(jsonDocument(status, record));
}

const EMPTY = new Set(['', '{}', '[]']);

type Write = (text: string) => void;

/** The outputs that have a value, one a line. */
function outputTable(outputs: ReadonlyMap<string, string>): string {
  const given = [...outputs].filter(([, value]) => !EMPTY.has(value));
  const width = Math.max(...given.map(([name]) => name.length));
  const lines = given.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value).replaceAll('\n', ' ')}`);
  return ['Outputs', ...lines].join('\n');
}

// What a log could take for a command, or a terminal for a control; JSON itself escapes no more than C0.
const UNSAFE = /##(?=\[)|[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** The one document of `--json`. Reads back to exactly what was told, and is safe to print. */
export function jsonDocument(status: string, { outputs, warnings, errors }: Record): string {
  const document = { status, outputs: Object.fromEntries(outputs), warnings, errors };
  return JSON.stringify(document, undefined, 2).replace(UNSAFE, escaped);
}

function escaped(text: string): string {
  return text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
