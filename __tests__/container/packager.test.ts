import { describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { FOLDER, runPython } from './python-suite.ts';

// packager.deep.test.ts has the ones that load PyTorch.
const suites = readdirSync(FOLDER)
  .map((file) => file.replace(/\.py$/, ''))
  .filter((name) => name.startsWith('test_') && name !== 'test_verification' && name !== 'test_fuzz');

describe.each(suites)('%s', (suite) => {
  const tests = runPython(suite);
  test.each(tests.filter(({ isSkipped }) => !isSkipped))('$title', ({ problem }) => {
    expect(problem).toBe('');
  });
});
