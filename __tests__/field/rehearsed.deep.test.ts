import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { testPython } from '../e2e/world.ts';
import { ROOT, runAction } from '../harness/run-action.ts';
import { runnerCommands } from '../harness/runner-commands.ts';

const hasTorch = spawnSync(testPython(), ['-c', 'import torch']).status === 0;
const withTorch = hasTorch ? describe : describe.skip;
if (!hasTorch) console.warn('PyTorch is not installed: what only its verification shows is not rehearsed.');

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'field-rehearsed-'));
});
afterEach(() => rmSync(workspace, { recursive: true, force: true, maxRetries: 3 }));

async function rehearse(folder: string) {
  cpSync(join(ROOT, '__tests__', 'field', 'data', folder), workspace, { recursive: true });
  const temp = join(workspace, 'temp');
  mkdirSync(temp);
  const run = await runAction({
    workspace,
    inputs: { 'config-path': 'config.json', 'model-s3-path': 'model.tar.gz', mode: 'rehearse' },
    env: { RUNNER_TEMP: temp, PATH: [dirname(testPython()), process.env['PATH'] ?? ''].join(delimiter) },
  });
  const errors = runnerCommands(run.stdout).filter(({ command }) => command === 'error');
  return { status: run.outputs['status'], error: errors[0]?.data ?? '' };
}

withTorch('what only the verification of the package shows', () => {
  test.each(['envk', 'circ'])('%s passes, as it does in serving', async (folder) => {
    expect(await rehearse(folder)).toEqual({ status: 'succeeded', error: '' });
  });

  test("req16 is pip's own affair: the archive is not blamed, whether pip has a network here or not", async () => {
    const { error } = await rehearse('req16');
    expect(error).toMatch(/^$|^PackagingStep failed: .*code\/requirements\.txt cannot be installed: /);
  });

  test.each([
    [
      'nanw',
      /^PackagingStep failed: The packaged model cannot answer: The answer to payload_text_csv_0\.csv is no JSON: it holds NaN; it was sent as/,
    ],
    // Preflight's words stand beside the handler's error.
    [
      'top',
      /^PackagingStep failed: .*model\.pth.* nothing lies at its root, all is in mnist\/.*`tar -czf model\.tar\.gz -C mnist \.`/s,
    ],
    ['nestar', /^PackagingStep failed: .*model\.pth.*nothing but another archive/s],
    ['winback', /^PackagingStep failed: .*model\.pth.*packed on Windows with backslashes/s],
  ])('%s is red, and says why', async (folder, message) => {
    const { status, error } = await rehearse(folder);
    expect([status, error]).toEqual(['failed', expect.stringMatching(message)]);
  });
});
