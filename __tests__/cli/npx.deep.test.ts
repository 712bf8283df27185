import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ROOT } from '../harness/run-action.ts';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly files: readonly string[];
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: unknown;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'npx-'));
  const repository = join(folder, 'repository');
  mkdirSync(join(folder, 'empty'));
  for (const name of ['package.json', 'package-lock.json', 'src', 'README.md', ...manifest.files]) {
    cpSync(join(ROOT, name), join(repository, name), { recursive: true });
  }
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['commit', '-q', '-m', 'all'],
  ]) {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    spawnSync('git', [...who, ...args], { cwd: repository, stdio: 'inherit' });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** From an empty folder, with an empty cache, without a registry. */
function npx(...args: readonly string[]) {
  const options = ['--yes', '--offline', '--cache', join(folder, 'cache')];
  const { status, stdout } = spawnSync('npx', [...options, `git+file://${join(folder, 'repository')}`, ...args], {
    cwd: join(folder, 'empty'),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder },
  });
  return { status, stdout };
}

test('npx runs it from a clone as it is: nothing to install, nothing to build', () => {
  expect(npx('plan', '--help')).toEqual({
    status: 0,
    stdout: expect.stringContaining('Usage: bsm-pytorch-deploy plan'),
  });
  expect(npx('--version')).toEqual({ status: 0, stdout: `${manifest.version}\n` });
  expect(npx()).toEqual({ status: 2, stdout: expect.stringContaining('Commands:\n') });
  expect(npx('plan').status).toBe(2);
});

test('the package has no script and no dependency for which npm would install or build', () => {
  const builds = ['preinstall', 'install', 'postinstall', 'build', 'prepack', 'prepare', 'prepublish'];
  expect(builds.filter((name) => name in manifest.scripts)).toEqual([]);
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.files.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});
