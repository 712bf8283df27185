import { describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../src/config/index.ts';
import { readText, sections } from './support.ts';

const formatted = (text: string) => {
  const result = readText(text);
  return result.ok ? [] : result.problems.map(formatDiagnostic);
};

describe('text that is no strict JSON is refused with its place', () => {
  test.each([
    ['nothing', '', 'config.json:1:1 The file is empty; expected a JSON object.'],
    ['blanks', ' \n\t ', 'config.json:1:1 The file is empty; expected a JSON object.'],
    ['a comment', '{\n  // why\n}', 'config.json:2:3 Invalid JSON at // why: found a comment; JSON has none.'],
    [
      'a trailing comma',
      '{\n  "base": {},\n}',
      'config.json:3:1 Invalid JSON at }: expected a field name in double quotes (JSON allows no comma after the last entry).',
    ],
    [
      'YAML',
      'base:\n  bucket: x\n',
      'config.json:1:1 Invalid JSON: the file begins with base:; expected {. YAML is not read.',
    ],
    ['an open string', '{"base": "x', 'config.json:1:10 Invalid JSON at "x: expected a closing double quote.'],
    [
      'single quotes',
      "{'a': 1}",
      "config.json:1:2 Invalid JSON at 'a': found single quotes; JSON has double quotes only.",
    ],
    ['more than one value', '{} {}', 'config.json:1:4 Invalid JSON at {: expected the end of the file.'],
    [
      'a raw line feed in a string',
      '{"a": "x\ny"}',
      'config.json:1:7 Invalid JSON at "x: expected a closing double quote.',
    ],
    [
      'nesting without end',
      '['.repeat(100_000),
      'config.json:1:1 The file nests deeper than 64 levels; expected a configuration.',
    ],
  ])('%s', (_name, text, expected) => {
    expect(formatted(text)[0]).toBe(expected);
  });

  test.each([
    ["Python's words", '{"a": None, "b": None}', 'JSON writes null. The same in 1 more place.'],
    ['no number', '{"a": NaN\n}', 'Invalid JSON at NaN: JSON has no such number; expected a finite one.'],
    ['a comment of a shell', '{\n# why not\n"a": 1}', 'Invalid JSON at #: found a comment; JSON has none.'],
    [
      'typographic quotes',
      '{\n“a”: 1, “b”: 2}',
      'typographic quotes; JSON has plain double quotes only. The same in 1 more',
    ],
    [
      'single quotes around colons',
      "{'role': 'arn:aws:iam'}",
      'single quotes; JSON has double quotes only. The same in 1',
    ],
    [
      'a blank that is none',
      '{\n\u00a0"a": 1}',
      'Invalid JSON at U+00A0: found a character that only looks like a blank',
    ],
    ['a merge conflict', '{\n<<<<<<< HEAD\n"a": 1}', 'Invalid JSON at <<<<<<<: a merge conflict is left in the file'],
    ['an early end', '{"a": {"b": 1,', 'Invalid JSON: the file ends too early'],
    ['a page', '<!DOCTYPE html>', 'the file begins with <!DOCTYPE html>; expected {.'],
  ])('%s, once and with the cause', (_name, text, expected) => {
    expect(formatted(text)).toEqual([expect.stringContaining(expected)]);
  });

  test('all slips at once', () => {
    expect(formatted('{\n  // one\n  "base": {},\n  /* two */\n}').map((line) => line.slice(0, 16))).toEqual([
      'config.json:2:3 ',
      'config.json:4:3 ',
      'config.json:5:1 ',
    ]);
  });

  test('lines end in any of the three ways', () => {
    expect(formatted('{\r"a": 1,\r\n"b": 2,\n  x}')[0]).toMatch(/^config\.json:4:3 /);
  });

  test('a key that is given twice, with both lines', () => {
    expect(formatted('{\n "base": {"bucket": "a",\n  "bucket": "b"}\n}')).toEqual([
      'config.json:3:3 "bucket" is given on line 2 and again on line 3; expected it once.',
    ]);
  });

  test('a name that objects cannot hold', () => {
    expect(formatted('{"base": {"__proto__": 1}}')).toEqual([
      'config.json:1:11 __proto__ cannot be a name; expected another one.',
    ]);
  });
});

describe('a byte order mark', () => {
  test('is tolerated', () => {
    expect(formatted(`\ufeff${JSON.stringify(sections())}`)).toEqual([]);
  });

  test('does not move columns', () => {
    expect(formatted('\ufeff{x}')[0]).toMatch(/^config\.json:1:2 /);
  });
});

describe('a file of neither layout', () => {
  test.each([
    ['[1]', 'config.json:1:1 The file holds no JSON object; expected a configuration in one of its two layouts.'],
    ['{}', 'config.json:1:1 base is missing; expected an object.'],
    ['{"base": [1]}', 'config.json:1:10 base is a list; expected an object.'],
    ['{"base": "x"}', 'config.json:1:10 base is "x"; expected an object.'],
    [
      '{"base": {}, "configuration": {}}',
      'config.json:1:1 The file mixes two layouts; expected either metadata and configuration, or base and its sections.',
    ],
    [
      '{"metadata": {"config_types": {"Base": "Other"}}, "configuration": {"shared": {}}}',
      'config.json:1:31 metadata.config_types.PytorchModel is missing; expected "PytorchModelCreationConfig".',
    ],
  ])('%s', (text, expected) => {
    expect(formatted(text)[0]).toBe(expected);
  });
});
