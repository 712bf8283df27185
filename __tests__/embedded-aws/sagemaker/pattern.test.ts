import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { matchesPattern } from '../../../embedded-aws/sagemaker/pattern.ts';

type Data = { shapes: Record<string, { pattern?: string }> };
const dataPath = join(import.meta.dirname, '../../../embedded-aws/sagemaker/data/api-constraints.json');
const data = JSON.parse(readFileSync(dataPath, 'utf8')) as Data;
const patterns = [...new Set(Object.values(data.shapes).flatMap((shape) => shape.pattern ?? []))];

describe('patterns of the service model', () => {
  test.each(patterns)('%s compiles', (pattern) => {
    expect(typeof matchesPattern(pattern, 'x')).toBe('boolean');
  });

  test.each([
    ['[a-z]+', 'abc', true],
    ['[a-z]+', 'abc\n', false],
    ['a|b', 'ax', false],
    ['.*', 'a\nb', false],
    ['[\\S\\s]*', 'a\nb', true],
    ['([\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@]*)${1,128}', 'Größe 1/2', true],
    ['([\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@]*)${1,128}', 'a#b', false],
    ['.*(?:[ \\r\\n\\t].*)*', '{\n "a": 1\r\n}', true],
    ['.*(?:[ \\r\\n\\t].*)*', `${'a '.repeat(100_000)}\u2028`, false],
  ])('%j on %.20j is %s', (pattern, value, expected) => {
    expect(matchesPattern(pattern, value)).toBe(expected);
  });
});
