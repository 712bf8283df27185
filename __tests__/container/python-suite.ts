import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../harness/run-action.ts';

export const FOLDER = join(ROOT, '__tests__', 'container', 'python');

/** A test that is written in Python. */
interface PythonTest {
  readonly title: string;
  readonly isSkipped: boolean;
  /** Its traceback; empty where it passed. */
  readonly problem: string;
}

interface Line {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly text: string;
}

/**
 * Runs a Python module of tests, or one test of it, in one process; returns each test and sub-test, so that a red one is
 * named, and as the last one that the process came to its end.
 */
export function runPython(name: string, env: Readonly<Record<string, string>> = {}): readonly PythonTest[] {
  const python = process.env['BSM_TEST_PYTHON'] ?? 'python3';
  const { status, stdout, stderr } = spawnSync(python, ['run_suite.py', name], {
    cwd: FOLDER,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore', ...env },
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  });
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('{"name"'))
    .map((line) => JSON.parse(line) as Line);
  for (const { name: title, result, text } of lines) {
    if (result === 'skipped') console.warn(`SKIPPED: ${name}: ${title}: ${text}`);
  }
  const ended = status === 0 && lines.length > 0 ? '' : `${name} ended with ${status}: ${stderr}`;
  return [
    ...lines.map(({ name: title, result, text }) => ({
      title,
      isSkipped: result === 'skipped',
      problem: result === 'failed' ? text : '',
    })),
    { title: 'comes to its end', isSkipped: false, problem: ended },
  ];
}
