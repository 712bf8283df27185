import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../harness/run-action.ts';

const FOLDER = join(ROOT, '__tests__', 'container', 'python');
const SUITES = ['test_archives', 'test_refusals', 'test_verification', 'test_levels', 'test_models'];

interface SuiteRun {
  readonly code: number | null;
  readonly output: string;
}

function runSuite(name: string): Promise<SuiteRun> {
  const python = process.env['BSM_TEST_PYTHON'] ?? 'python3';
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore' };
  const child = spawn(python, ['-m', 'unittest', '-v', name], { cwd: FOLDER, env });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

describe('the packager, by its own Python tests', () => {
  test.each(SUITES)(
    '%s passes',
    async (name) => {
      const { code, output } = await runSuite(name);
      const skipped = output.split('\n').filter((line) => / \.\.\. skipped /.test(line));
      if (skipped.length > 0) console.warn(`SKIPPED in ${name}:\n${skipped.join('\n')}`);
      expect(code === 0 ? '' : output).toBe('');
      expect(output).toMatch(/^Ran [1-9]\d* tests/m);
    },
    900_000,
  );
});
