import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What `npm test` does after compiling, and `npm run test:deep` with `--deep`: puts the Python packages that tests use as
 * independent clients into a git-ignored virtual environment, and runs jest. Other arguments are handed on to jest.
 */
const ROOT = join(import.meta.dirname, '..', '..');
const VENV = join(ROOT, '.venv');
const VENV_PYTHON = join(VENV, 'bin', 'python');
const REQUIREMENTS = join(ROOT, '__tests__', 'requirements.txt');

function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function preparePython(): void {
  const python = ['python3', 'python'].find((name) =>
    works(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']),
  );
  if (python === undefined) {
    console.error('Python 3.8 or newer is needed: the packaging scripts are Python, and the tests run them.');
    process.exit(1);
  }
  if (!existsSync(VENV_PYTHON) && !works(python, ['-m', 'venv', VENV])) {
    console.warn(
      'SKIPPED: no virtual environment could be made; tests with boto3 as an independent client are skipped.',
    );
    return;
  }
  if (works(VENV_PYTHON, ['-c', 'import boto3'])) return;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS];
  const installed = spawnSync(VENV_PYTHON, pip, { stdio: 'inherit' }).status === 0;
  if (!installed)
    console.warn('SKIPPED: boto3 could not be installed; tests with it as an independent client are skipped.');
}

/** What tsc wrote of tests that have since been moved or deleted would run on. */
function removeStaleTests(): void {
  const compiled = join(ROOT, 'lib', '__tests__');
  for (const name of readdirSync(compiled, { recursive: true, encoding: 'utf8' })) {
    const isStale = name.endsWith('.test.js') && !existsSync(join(ROOT, '__tests__', name.replace(/js$/, 'ts')));
    if (isStale) rmSync(join(compiled, name));
  }
}

preparePython();
removeStaleTests();
const isDeep = process.argv.includes('--deep');
const args = process.argv.slice(2).filter((argument) => argument !== '--deep');
const config = ['--config', isDeep ? 'jest.deep.config.js' : 'jest.config.js'];
const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const run = spawnSync(process.execPath, ['--experimental-vm-modules', '--no-warnings', jest, ...config, ...args], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, BSM_TEST_PYTHON: existsSync(VENV_PYTHON) ? VENV_PYTHON : 'python3' },
});
process.exit(run.status ?? 1);
