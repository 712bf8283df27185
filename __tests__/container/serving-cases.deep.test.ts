import { beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../harness/run-action.ts';

/**
 * What the real serving toolkit does with 125 handlers, and with more of our own, and whether verification comes to the
 * same verdict.
 */
const FOLDER = join(ROOT, '__tests__', 'container', 'python');
const NAMES = ['handler-cases.json', 'more-handler-cases.json'].flatMap((file) =>
  (JSON.parse(readFileSync(join(FOLDER, '..', 'data', file), 'utf8')) as readonly { readonly name: string }[]).map(
    ({ name }) => name,
  ),
);

/** Beginnings of the names: what depends on processes, paths, requirements, the environment or HTTP. */
const AT_SERVER =
  `01 ,12 ,15 ,16b ,16c ,18 ,20 ,21 ,24 ,25 ,26 ,27b ,29 ,29c ,32 ,34b ,34d ,35b ,37 ,38 ,51 ,51d ,51i ,53 ,54b ,55 ,59 ,60 ,60d ,61 ,63 ,64 ,65b ,66 ,66b ,67 ,70 ,72 ,74 ,77 ,79 ,81 `.split(
    ',',
  );
const SERVER_NAMES = NAMES.filter((name) => AT_SERVER.some((start) => name.startsWith(start)));

interface Outcome {
  readonly name: string;
  readonly verdict: string;
  readonly said: string;
  readonly problems: readonly string[];
  readonly stderr: string;
}

function runCases(python: string, options: readonly string[]): Promise<readonly Outcome[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'serving-cases-'));
  const report = join(scratch, 'report.json');
  const child = spawn(python, ['serving_cases.py', '--report', report, ...options], {
    cwd: FOLDER,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve, reject) =>
    child.once('close', () => {
      try {
        resolve(JSON.parse(readFileSync(report, 'utf8')) as Outcome[]);
      } catch {
        reject(new Error(`The cases did not run: ${errors.slice(-3000)}`));
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    }),
  );
}

interface Place {
  readonly python: string;
  readonly possible: boolean;
  readonly options: readonly string[];
}

/** Without the packages that a level needs its rows are skipped; BSM_TOOLKIT_PYTHON names a Python that has them. */
function agreement(level: string, names: readonly string[], { python, possible, options }: Place): void {
  (possible ? describe : describe.skip)(`at level ${level}, the verdict is that of the real serving toolkit`, () => {
    let outcomes: ReadonlyMap<string, Outcome>;
    beforeAll(async () => {
      const run = await runCases(python, ['--level', level, ...options]);
      outcomes = new Map(run.map((outcome) => [outcome.name, outcome]));
    }, 3_600_000);
    test.each(names)('%s', (name) => {
      const outcome = outcomes.get(name);
      expect(outcome).toBeDefined();
      expect(outcome?.problems.length === 0 ? '' : JSON.stringify(outcome, null, 1)).toBe('');
    });
  });
}

const testPython = process.env['BSM_TEST_PYTHON'] ?? 'python3';
const toolkitPython = process.env['BSM_TOOLKIT_PYTHON'] ?? '';
const slow = process.env['BSM_SLOW_TESTS'] === '1';

const hasTorch = spawnSync(testPython, ['-c', 'import numpy, torch']).status === 0;
const hasToolkit = toolkitPython !== '';

agreement('built-in', NAMES, { python: testPython, possible: hasTorch, options: ['--preload'] });
agreement('toolkit', NAMES, { python: toolkitPython, possible: hasToolkit, options: ['--preload'] });
agreement('server', SERVER_NAMES, {
  python: toolkitPython,
  possible: hasToolkit && slow,
  options: ['--only', ...AT_SERVER],
});
