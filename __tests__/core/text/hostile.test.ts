import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printable, printableLine } from '../../../src/core/text.ts';
import { markdownBlock, markdownTable, markdownText } from '../../../src/report/markdown.ts';
import { runnerCommands } from '../../harness/runner-commands.ts';
import { HOSTILE_LINES } from './hostile.ts';

const pieces = [
  ...HOSTILE_LINES,
  '::',
  '##[',
  ']',
  ':',
  '#',
  '\r',
  '\n',
  '\r\n',
  '\u200b',
  '\u0085',
  '\u2029',
  ' ',
  '\t',
];
const hostile = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 5 })), {
  maxLength: 8,
});

describe('a parser written to the rules of the runner', () => {
  test.each(HOSTILE_LINES)('recognises nothing in %j once it is printable', (line) => {
    expect(
      runnerCommands(`${printable(line)}\n  | ${printable(line)}\n${printableLine(line)}`, { anyName: true }),
    ).toEqual([]);
  });

  test('recognises the same lines as they were: the corpus does speak to the runner', () => {
    const spoken = HOSTILE_LINES.filter((line) => runnerCommands(line).length > 0);
    expect(spoken.length).toBeGreaterThanOrEqual(14);
  });

  test('recognises nothing, however the corpus is put together', () => {
    fc.assert(
      fc.property(hostile, (parts) => {
        const text = parts.join('');
        expect(runnerCommands(`${printable(text)}\n${printableLine(text)}`, { anyName: true })).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  test('shortens nothing into a command', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 40 }), (parts, length) => {
        expect(runnerCommands(printableLine(parts.join(''), length), { anyName: true })).toEqual([]);
      }),
    );
  });
});

describe('Markdown of hostile text', () => {
  test('keeps its tables: as many cells and lines as were put in', () => {
    fc.assert(
      fc.property(hostile, (parts) => {
        const rows = markdownTable(['A', 'B'], [[markdownText(parts.join('')), 'end']]).split(/\r\n|\r|\n/);
        expect([rows.length, rows[2]?.split('|').length]).toEqual([3, 4]);
      }),
    );
  });

  test('keeps every line of a block inside it', () => {
    fc.assert(
      fc.property(hostile, (parts) => {
        const lines = markdownBlock([parts.join(''), 'end']).split(/\r\n|\r|\n|\u0085|\u2028|\u2029/);
        expect(lines.map((line) => line.slice(0, 4))).toEqual(['    ', '    ']);
      }),
    );
  });

  test('holds no HTML, mention, reference or link', () => {
    for (const line of HOSTILE_LINES) {
      expect(markdownText(line).replace(/&#\d+;/g, '')).not.toMatch(/[<>@#|`[\]]|https?:\/\//);
    }
  });
});
