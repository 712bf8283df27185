import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPost, markPost } from '../../src/core/runner.ts';
import { createRunner } from '../../src/github/runner.ts';

let folder: string;
let printed: string;
const write = process.stdout.write.bind(process.stdout);
const saved = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-'));
  printed = '';
  process.stdout.write = ((text: string) => {
    printed += text;
    return true;
  }) as typeof process.stdout.write;
});
afterEach(() => {
  process.stdout.write = write;
  process.env = { ...saved };
  rmSync(folder, { recursive: true, force: true });
});

describe('a file of the runner that cannot be written is a warning, and the run goes on', () => {
  test.each([
    ['an output', 'GITHUB_OUTPUT', 'the output status'],
    ['the state', 'GITHUB_STATE', 'the state done'],
    ['the summary', '', 'the job summary'],
    ['a kept file', '', 'the file plan.json'],
  ])('%s', (_what, variable, named) => {
    // A folder where a file should be: it cannot be written by anybody, root included.
    const taken = join(folder, 'taken');
    mkdirSync(taken);
    if (variable !== '') process.env[variable] = taken;
    const runner = createRunner(join(folder, 'gone'), taken);
    const work: Readonly<Record<string, () => unknown>> = {
      'the output status': () => runner.setOutput('status', 'succeeded'),
      'the state done': () => runner.saveState('done', 'true'),
      'the job summary': () => runner.writeSummary('# Summary'),
      'the file plan.json': () => runner.keepFile('plan.json', '{}'),
    };
    expect(() => work[named]?.()).not.toThrow();
    expect(printed).toMatch(
      new RegExp(`^::warning title=Runner files::Could not write ${named}.*: .*run itself goes on`),
    );
    expect(printed.trim().split('\n')).toHaveLength(1);
  });
});

test('every output of a full disk is told of, and one of them by a warning', () => {
  process.env['GITHUB_OUTPUT'] = folder;
  const runner = createRunner(folder, undefined);
  for (const name of ['status', 'fingerprint', 'plan-path']) runner.setOutput(name, 'x');
  runner.saveState('done', 'true');
  const lines = printed.trim().split('\n');
  expect(lines.filter((line) => line.startsWith('::warning'))).toHaveLength(1);
  for (const name of ['status', 'fingerprint', 'plan-path']) expect(printed).toContain(`the output ${name}: `);
});

test('post knows that it is post without a state, and no other step takes itself for it', () => {
  const step = { RUNNER_TEMP: folder, GITHUB_RUN_ID: '1', GITHUB_JOB: 'deploy', GITHUB_ACTION: '__self' };
  expect(isPost(step)).toBe(false);
  markPost(step);
  expect([isPost(step), isPost({ ...step, GITHUB_ACTION: '__self_2' })]).toEqual([true, false]);
  expect(isPost({ STATE_isPost: 'true' })).toBe(true);
});

test('a line is cut at a length that can be read', () => {
  createRunner(folder, undefined).info(`${'x'.repeat(1_000_000)}\nshort`);
  expect(printed.length).toBeLessThan(17_000);
  expect(printed).toContain('…\nshort');
});

test('the log of a workflow folds what is in a group, and the outputs in one of their own', () => {
  delete process.env['GITHUB_OUTPUT'];
  const runner = createRunner(folder, undefined);
  runner.group('Preflight: 2 of 2 passed', () => runner.info('passed ::error::'));
  expect(printed.trim().split('\n')).toEqual(['::group::Preflight: 2 of 2 passed', 'passed ::error::', '::endgroup::']);
  runner.setOutput('status', 'planned');
  runner.setOutput('model-package-arns', '{}');
  printed = '';
  runner.showOutputs();
  expect(printed.trim().split('\n')).toEqual(['::group::Outputs', '  status  planned', '::endgroup::']);
});

test.each(['info', 'debug'] as const)('what %s prints holds no escape sequence and starts no command', (level) => {
  createRunner(folder, undefined)[level]('a\u001b[2Jb\r\n::add-mask::c\u202e');
  for (const character of ['\u001b', '\r', '\u202e']) expect(printed).not.toContain(character);
  expect(printed.split('\n').filter((line) => line.startsWith('::') && !line.startsWith('::debug::'))).toEqual([]);
});
