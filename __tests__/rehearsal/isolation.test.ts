import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findIsolation } from '../../src/rehearsal/sandbox.ts';

const linux = process.platform === 'linux' ? describe : describe.skip;
const hasSudo = spawnSync('sudo', ['--non-interactive', 'true']).status === 0;
if (!hasSudo) console.warn('SKIPPED: sudo is not there, or asks for a password.');

/** What many systems do: only root makes namespaces. sudo has a path of its own, where the real one is. */
const REFUSING = `#!/bin/sh
case " $* " in *" --user "*) exit 1 ;; esac
exec /usr/bin/unshare "$@"
`;

const USER = String(process.getuid?.());

let folder: string;
let guarded: readonly string[];
let env: { readonly PATH: string; readonly HOME: string };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isolation-'));
  for (const name of ['.git', 'bin', 'home']) mkdirSync(join(folder, name));
  guarded = [join(folder, '.git'), join(folder, "it's a $(secret) --")];
  writeFileSync(join(folder, '.git', 'config'), 'token');
  writeFileSync(join(folder, 'program'), '');
  writeFileSync(guarded[1] ?? '', 'token');
  env = { PATH: process.env['PATH'] ?? '', HOME: join(folder, 'home') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function refuseUsers(): void {
  writeFileSync(join(folder, 'bin', 'unshare'), REFUSING);
  chmodSync(join(folder, 'bin', 'unshare'), 0o755);
  env = { ...env, PATH: [join(folder, 'bin'), env.PATH].join(delimiter) };
}

const request = () => ({ env, guarded, folder: env.HOME, program: join(folder, 'program') });

/** Its folder has what it put there; the one above is as it was. */
const FILES = /^\S+: bin home it's a \$\(secret\) -- program +\S+\/home: here own $/;

const LOOK = `
touch "$HOME/own" here 2>/dev/null
touch "$3/program" "$3/new" 2>/dev/null
mount -o remount,bind,rw / 2>/dev/null
umount "$1" "$2" 2>/dev/null
ls "$3" "$HOME" | tr '\\n' ' '
echo
id -u
cat "$1/config" "$2" 2>/dev/null
echo more 2>/dev/null >> "$1/config"
echo more 2>/dev/null >> "$2"
ls -d /proc/[0-9]* | wc -l
env | cut -d= -f1 | grep -v "^PWD$\\|^SHLVL$\\|^_$\\|^OLDPWD$" | sort
`;

function look(isolation: readonly string[]): readonly string[] {
  const [program = '', ...args] = isolation;
  const ran = spawnSync(program, [...args, 'sh', '-c', LOOK, 'look', ...guarded, folder], { env, encoding: 'utf8' });
  expect(ran.status).toBe(0);
  return ran.stdout.trim().split('\n');
}

const untouched = () => [join(folder, '.git', 'config'), guarded[1] ?? ''].map((path) => readFileSync(path, 'utf8'));

linux('an isolated command', () => {
  test('runs as the same user, and sees nothing of the files, the processes and the environment of others', () => {
    const isolation = findIsolation({ ...request(), mayAskRoot: false });
    if (isolation.length === 0 && process.env['CI'] !== 'true') return;
    const [files, who, processes, ...names] = look(isolation);
    expect([who, names, untouched()]).toEqual([USER, ['HOME', 'PATH'], ['token', 'token']]);
    expect(files).toMatch(FILES);
    expect(Number(processes)).toBeLessThan(8);
  });

  test('is not isolated at all where neither may be', () => {
    refuseUsers();
    expect(findIsolation({ ...request(), mayAskRoot: false })).toEqual([]);
  });
});

(hasSudo ? linux : describe.skip)('by sudo, where users may not make namespaces,', () => {
  test('the same is isolated', () => {
    refuseUsers();
    const isolation = findIsolation({ ...request(), mayAskRoot: true });
    expect(isolation[0]).toBe('sudo');
    const [files, who, processes, ...names] = look(isolation);
    expect([who, names, untouched()]).toEqual([USER, ['HOME', 'PATH'], ['token', 'token']]);
    expect(files).toMatch(FILES);
    expect(Number(processes)).toBeLessThan(8);
  });
});
