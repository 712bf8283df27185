import { describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { FOLDER, runPython } from './python-suite.ts';

/** packager.deep.test.ts has the ones that load PyTorch or the serving toolkit, and the fuzz. */
const DEEP = new Set(['test_verification', 'test_fuzz', 'test_levels', 'test_models']);

const suites = readdirSync(FOLDER)
  .map((file) => file.replace(/\.py$/, ''))
  .filter((name) => name.startsWith('test_') && !DEEP.has(name));

describe.each(suites)('%s', (suite) => {
  const tests = runPython(suite);
  test.each(tests.filter(({ isSkipped }) => !isSkipped))('$title', ({ problem }) => {
    expect(problem).toBe('');
  });
});
