import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MODEL_URI, openWorld, type World } from '../e2e/world.ts';
import { BIN, userEnvironment } from './support.ts';

const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const SERVER = `bsm-${process.pid}`;
const DEPLOY = ['deploy', '--config-path', 'config.json', '--model-s3-path', MODEL_URI];

let world: World;
beforeEach(async () => {
  world = await openWorld();
  const lines = ['import time', 'time.sleep(3600)'];
  writeFileSync(join(world.workspace, 'scripts', 'mims_package.py'), `${lines.join('\n')}\n`);
});
afterEach(async () => {
  tmux('kill-server');
  await world.close();
});

function tmux(...args: readonly string[]): string {
  return spawnSync('tmux', ['-L', SERVER, ...args], { encoding: 'utf8' }).stdout;
}

/** The whole of what a terminal of this width shows, with what has scrolled away. */
function screen(): string {
  return tmux('capture-pane', '-p', '-J', '-S', '-');
}

async function until(pattern: RegExp): Promise<string> {
  for (let look = 0; look < 3000; look += 1) {
    const shown = screen();
    if (pattern.test(shown)) return shown;
    await sleep(100);
  }
  throw new Error(`${String(pattern)} does not show:\n${screen()}`);
}

/** Types the command into a shell, as a person would. */
function start(env: Readonly<Record<string, string>> = {}): void {
  const options = Object.entries({ ...userEnvironment(world), ...env }).flatMap(([name, value]) => [
    '-e',
    `${name}=${value}`,
  ]);
  // The shell's own prompt ends in # or $. CI may be set where the tests run.
  const shell = 'env -u CI sh -i';
  tmux('-f', '/dev/null', 'new-session', '-d', '-x', '120', '-y', '40', '-c', world.workspace, ...options, shell);
  const wait = env['CI'] === undefined ? '' : 'CI=true ';
  tmux('send-keys', `${wait}${process.execPath} ${BIN} ${DEPLOY.join(' ')}`, 'Enter');
}

(hasTmux ? describe : describe.skip)('in a terminal', () => {
  test('a line below the log tells how far it is and since when, and Ctrl-C ends it cleanly', async () => {
    start();
    const early = await until(/steps done; PackagingStep \d/);
    expect(early.trimEnd().split('\n').at(-1)).toMatch(/^█{7}░{13} 1 of 3 steps done; PackagingStep [\d.]+ s$/);
    // It moves, and there is one of it.
    const shown = /PackagingStep ([\d.]+) s/.exec(early)?.[1] ?? '';
    const later = await until(new RegExp(`steps done; PackagingStep (?!${shown.replace('.', '[.]')} )\\d`));
    expect(later.match(/steps done/g)).toHaveLength(1);
    expect(later).toMatch(/\nCreatePytorchModelStep +Succeeded.*\nPackagingStep +Executing\n█/);
    expect(tmux('display', '-p', '#{cursor_flag}').trim()).toBe('0');

    tmux('send-keys', 'C-c');
    const end = await until(/Summary: .*\n+[#$]\s*$/);
    expect(end).toMatch(/\nCancelling\. .*\nAsked AWS to stop arn:[^]*\nerror\[cancelled\]: [^]*\nStatus +cancelled/);
    expect(end).not.toMatch(/steps done/);
    expect(tmux('display', '-p', '#{cursor_flag}').trim()).toBe('1');
    tmux('send-keys', 'echo code $?', 'Enter');
    await until(/\ncode 1\n/);
  });

  test('nothing moves where CI is set', async () => {
    start({ CI: 'true' });
    const shown = await until(/PackagingStep +Executing/);
    expect(shown).not.toMatch(/steps done|█/);
    tmux('send-keys', 'C-c');
    await until(/Summary: /);
  });
});
