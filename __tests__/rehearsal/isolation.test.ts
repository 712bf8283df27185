import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findSandbox, type Sandbox } from '../../src/rehearsal/sandbox.ts';

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

const request = () => ({
  env,
  guarded,
  folder: env.HOME,
  program: join(folder, 'program'),
  needed: [],
  otherUser: undefined,
});

/** Its folder has what it put there; the one above is as it was. */
const FILES = /^\S+: bin home it's a \$\(secret\) -- program +\S+\/home: here own $/;

const PROBE = `
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
for place in /proc/sys/kernel/hostname /proc/sys/kernel/core_pattern /sys/kernel/notes; do
  [ ! -w "$place" ] || echo writable
done
touch /dev/made /sys/made 2>/dev/null && echo made
echo x > /dev/null && touch /dev/shm/probe-$$ && rm /dev/shm/probe-$$ && echo devices
env | cut -d= -f1 | grep -v "^PWD$\\|^SHLVL$\\|^_$\\|^OLDPWD$" | sort
`;

function inspect({ prefix }: Sandbox): readonly string[] {
  const [program = '', ...args] = prefix;
  const ran = spawnSync(program, [...args, 'sh', '-c', PROBE, 'probe', ...guarded, folder], { env, encoding: 'utf8' });
  expect(ran.status).toBe(0);
  return ran.stdout.trim().split('\n');
}

const untouched = () => [join(folder, '.git', 'config'), guarded[1] ?? ''].map((path) => readFileSync(path, 'utf8'));

linux('an isolated command', () => {
  test('runs as the same user, and sees nothing of the files, the processes and the environment of others', () => {
    const sandbox = findSandbox({ ...request(), mayAskRoot: false });
    if (sandbox.prefix.length === 0 && process.env['CI'] !== 'true') return;
    const [files, who, processes, ...rest] = inspect(sandbox);
    expect([who, rest, untouched()]).toEqual([USER, ['devices', 'HOME', 'PATH'], ['token', 'token']]);
    expect(files).toMatch(FILES);
    expect(Number(processes)).toBeLessThan(8);
  });

  test('is not isolated at all where neither may be', () => {
    refuseUsers();
    expect(findSandbox({ ...request(), mayAskRoot: false })).toEqual({
      prefix: [],
      isolated: false,
      problem: 'no-namespaces',
    });
  });
});

const isRoot = process.getuid?.() === 0;
(isRoot ? linux : describe.skip)('root', () => {
  test('is not isolated where there is nobody else to become, and says so', () => {
    expect(findSandbox({ ...request(), mayAskRoot: false })).toMatchObject({ isolated: false, problem: 'root' });
  });

  test('becomes the other user where there is one', () => {
    chmodSync(folder, 0o755);
    const sandbox = findSandbox({ ...request(), mayAskRoot: false, otherUser: { uid: 12345, gid: 12345 } });
    expect(sandbox.isolated).toBe(true);
    const [, who, , ...rest] = inspect(sandbox);
    expect([who, rest, untouched()]).toEqual(['12345', ['devices', 'HOME', 'PATH'], ['token', 'token']]);
  });
});

(isRoot ? linux : describe.skip)('an ordinary user, started by root,', () => {
  test('is isolated by namespaces of its own, or it is said that there are none', () => {
    const module = join(import.meta.dirname, '..', '..', 'src', 'rehearsal', 'sandbox.js');
    const script = `import(${JSON.stringify(module)}).then(({ findSandbox }) =>
      process.stdout.write(JSON.stringify(findSandbox(${JSON.stringify({ ...request(), mayAskRoot: false })}))))`;
    chmodSync(folder, 0o755);
    chownSync(env.HOME, 12345, 12345);
    const user = { uid: 12345, gid: 12345, cwd: env.HOME, env, encoding: 'utf8' } as const;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], user);
    expect(stderr).toBe('');
    const sandbox = JSON.parse(stdout) as Sandbox;
    if (!sandbox.isolated) return expect(sandbox).toEqual({ prefix: [], isolated: false, problem: 'no-namespaces' });
    const [program = '', ...args] = sandbox.prefix;
    const ran = spawnSync(program, [...args, 'sh', '-c', PROBE, 'probe', ...guarded, folder], user);
    const [, who, , ...rest] = ran.stdout.trim().split('\n');
    expect([who, rest, untouched()]).toEqual(['12345', ['devices', 'HOME', 'PATH'], ['token', 'token']]);
  });
});

(hasSudo && !isRoot ? linux : describe.skip)('by sudo, where users may not make namespaces,', () => {
  test('the same is isolated', () => {
    refuseUsers();
    const sandbox = findSandbox({ ...request(), mayAskRoot: true });
    expect([sandbox.prefix[0], sandbox.isolated]).toEqual(['sudo', true]);
    const [files, who, processes, ...rest] = inspect(sandbox);
    expect([who, rest, untouched()]).toEqual([USER, ['devices', 'HOME', 'PATH'], ['token', 'token']]);
    expect(files).toMatch(FILES);
    expect(Number(processes)).toBeLessThan(8);
  });
});
