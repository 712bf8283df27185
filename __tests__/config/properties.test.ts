import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDiagnostic } from '../../src/config/index.ts';
import { SECTIONS } from '../../src/config/sections.ts';
import { dataFile, read, readText, sections } from './support.ts';

const valid = JSON.stringify(sections());
const anySection = fc.constantFrom(...Object.keys(SECTIONS));
const anyField = fc.constantFrom(
  ...Object.entries(SECTIONS).flatMap(([section, fields]) =>
    Object.keys(fields).map((name) => [section, name] as const),
  ),
);
const strange = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.double(), fc.integer());

describe('whatever the text', () => {
  test('nothing is thrown, and what is no JSON is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const result = readText(text);
        expect(result.ok).toBe(false);
      }),
    );
  });

  test('a valid file with any piece cut out or put in is never thrown at', () => {
    const merged = dataFile('example-merged.json');
    const edit = fc.tuple(fc.constantFrom(valid, merged), fc.nat(), fc.nat({ max: 30 }), fc.string({ maxLength: 5 }));
    fc.assert(
      fc.property(edit, ([text, at, length, put]) => {
        const start = at % text.length;
        const edited = text.slice(0, start) + put + text.slice(start + length);
        const result = readText(edited);
        const syntax = !result.ok && result.problems.some(({ code }) => code === 'syntax');
        // Depth and emptiness aside, syntax is what JSON.parse says it is.
        expect(syntax).toBe(!isJson(edited));
      }),
      { numRuns: 300 },
    );
  });

  test('any JSON at any field is either taken or refused with that field and a place in the file', () => {
    fc.assert(
      fc.property(anyField, strange, ([section, name], value) => {
        const file = sections({ [section]: { [name]: value } });
        const lines = JSON.stringify(file, null, 2).split('\n');
        const result = read(file);
        for (const problem of result.ok ? result.warnings : [...result.problems, ...result.warnings]) {
          const line = lines[problem.line - 1] ?? '';
          expect(problem.column).toBeGreaterThan(0);
          expect(problem.column).toBeLessThanOrEqual(line.length + 1);
          expect(formatDiagnostic(problem)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
          expect(problem.message.length).toBeLessThan(600);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('any JSON as a section, or as the whole file', () => {
    fc.assert(
      fc.property(anySection, fc.jsonValue(), fc.boolean(), (section, value, isWhole) => {
        const result = read(isWhole ? value : { ...sections(), [section]: value });
        expect(typeof result.ok).toBe('boolean');
      }),
    );
  });
});

test('a problem stands exactly where its value begins', () => {
  fc.assert(
    fc.property(fc.nat({ max: 40 }), fc.nat({ max: 40 }), (newlines, blanks) => {
      const text = valid
        .replace('"bucket":', `"bucket":${'\n'.repeat(newlines)}${' '.repeat(blanks)}`)
        .replace('"bsm-models"', '5');
      const before = text.slice(0, text.indexOf('5,')).split('\n');
      const result = readText(text);
      expect(result.ok ? [] : result.problems).toMatchObject([
        { field: 'base.bucket', line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
      ]);
    }),
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
