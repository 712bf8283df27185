import { describe, expect, test } from '@jest/globals';
import { runPython } from './python-suite.ts';

// Those that load PyTorch, the fuzz of headers, and one that writes more than 4 GiB.
const suites = [
  'test_verification',
  'test_levels',
  'test_models',
  'test_fuzz',
  'test_archives.ArchiveTest.test_a_member_over_4_gib',
];

describe.each(suites)('%s', (suite) => {
  const tests = runPython(suite, { BSM_SLOW_TESTS: '1' });
  test.each(tests.filter(({ isSkipped }) => !isSkipped))('$title', ({ problem }) => {
    expect(problem).toBe('');
  });
});
