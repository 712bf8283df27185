import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../harness/run-action.ts';

export const FOLDER = join(ROOT, '__tests__', 'container', 'python');

interface PythonTest {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped, or its traceback. */
  readonly text: string;
}

/**
 * Runs tests that are written in Python, as one process, and makes each of them a test here, too, so that a red one is
 * named. `name`: a module, or one test of it.
 */
export function describePython(name: string, env: Readonly<Record<string, string>> = {}): void {
  const python = process.env['BSM_TEST_PYTHON'] ?? 'python3';
  const { status, stdout, stderr } = spawnSync(python, ['run_suite.py', name], {
    cwd: FOLDER,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore', ...env },
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  });
  const tests = stdout
    .split('\n')
    .filter((line) => line.startsWith('{"name"'))
    .map((line) => JSON.parse(line) as PythonTest);
  const skipped = tests.filter(({ result }) => result === 'skipped');
  for (const { name: title, text } of skipped) console.warn(`SKIPPED: ${name}: ${title}: ${text}`);

  describe(name, () => {
    test('runs to its end', () => {
      expect([status, tests.length > 0 ? '' : stderr]).toEqual([0, '']);
    });
    for (const { name: title, result, text } of tests) {
      (result === 'skipped' ? test.skip : test)(title, () => {
        expect([result, text]).toEqual(['passed', '']);
      });
    }
  });
}
