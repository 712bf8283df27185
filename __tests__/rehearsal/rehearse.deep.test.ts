import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testPython } from '../e2e/world.ts';
import { runnerCommands } from '../harness/runner-commands.ts';
import { openWorkspace, processesWith, type Workspace } from './workspace.ts';

const has = (name: string) => spawnSync(testPython(), ['-c', `import ${name}`]).status === 0;
const hasBoto3 = has('boto3');
if (!hasBoto3) console.warn('SKIPPED: boto3 is not installed, so only NA is rehearsed.');
const linux = process.platform === 'linux' ? describe : describe.skip;

let workspace: Workspace;
beforeEach(() => {
  workspace = openWorkspace();
});
afterEach(() => workspace.close());

const errors = (stdout: string) => runnerCommands(stdout).filter(({ command }) => command === 'error');

describe('mode: rehearse', () => {
  test('takes the example through the whole pipeline, without any AWS variable, and says that it was a rehearsal', async () => {
    const run = await workspace.rehearse({ regions: hasBoto3 ? 'NA EU' : 'NA' });
    expect([run.exitCode, errors(run.stdout), run.outputs['status']]).toEqual([0, [], 'succeeded']);
    const arns = JSON.parse(run.outputs['model-package-arns'] ?? '{}') as Record<string, string>;
    expect(Object.keys(arns)).toEqual(hasBoto3 ? ['NA', 'EU'] : ['NA']);
    expect(run.outputs['console-url']).toBeUndefined();
    expect(run.stdout).toContain('(a rehearsal: nothing of this exists in an AWS account)');
    expect(run.stdout).toContain(
      has('torch') ? 'Verification passed' : 'Verification skipped: PyTorch is not installed',
    );
    expect(run.summary).toContain('Rehearsal succeeded');
    expect(run.summary + run.stdout).not.toContain('console.aws.amazon.com');
    expect(run.post).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(workspace.left()).toEqual([]);
  });

  test('is followed to its end also where it is told not to wait: it would end with its run', async () => {
    const run = await workspace.rehearse({ wait: 'false', 'on-timeout': 'leave' });
    expect([run.exitCode, run.outputs['status']]).toEqual([0, 'succeeded']);
    expect(run.stdout).toContain('wait: false does nothing here');
  });

  test('is red where the packaged model cannot answer, with the log of its job', async () => {
    workspace.packager('import sys\nprint("the weights are of another network")\nsys.exit(3)\n');
    const run = await workspace.rehearse();
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'failed']);
    expect(errors(run.stdout)[0]?.data).toMatch(/^PackagingStep failed/);
    expect(run.stdout).toContain('  | the weights are of another network');
    expect(run.summary + run.stdout).not.toContain('console.aws.amazon.com');
  });

  test.each<readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, string, RegExp]>([
    [
      'a model that is not there',
      { 'model-s3-path': 'other.tar.gz' },
      {},
      'model-missing',
      /other\.tar\.gz does not exist/,
    ],
    ['a folder for a model', { 'model-s3-path': 'folder.tar.gz' }, {}, 'model-missing', /folder\.tar\.gz is no file/],
    [
      'another kind of file',
      { 'model-s3-path': 'model.pth' },
      {},
      'input-invalid',
      /expected s3:\/\/bucket\/key\/model\.tar\.gz or a local \.tar\.gz/,
    ],
    [
      'a model in S3 without credentials',
      { 'model-s3-path': 's3://b-1/m.tar.gz' },
      {},
      'credentials-missing',
      /Could not download s3:\/\/b-1\/m\.tar\.gz/,
    ],
    [
      'a machine without Python',
      {},
      { PATH: '/nowhere' },
      'preflight-failed',
      /There is no Python 3\.8 or newer on this machine/,
    ],
  ])('says what is wrong with %s', async (_what, inputs, env, code, message) => {
    spawnSync('mkdir', [join(workspace.folder, 'folder.tar.gz')]);
    const run = await workspace.rehearse(inputs, { env });
    const [error] = errors(run.stdout);
    expect([run.exitCode, error?.properties['title'], error?.data]).toEqual([1, code, expect.stringMatching(message)]);
    expect(workspace.left()).toEqual([]);
  });

  test('needs no role, since none is taken here', async () => {
    const path = join(workspace.folder, 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8')) as { base: Record<string, unknown> };
    delete config.base['role'];
    writeFileSync(path, JSON.stringify(config));
    const run = await workspace.rehearse();
    expect([run.exitCode, run.outputs['status']]).toEqual([0, 'succeeded']);
  });

  test('registers into a group of another account that is given by its ARN', async () => {
    const path = join(workspace.folder, 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8')) as { base: Record<string, unknown> };
    config.base['model_package_group_name'] = 'arn:aws:sagemaker:us-east-1:999999999999:model-package-group/shared';
    writeFileSync(path, JSON.stringify(config));
    const run = await workspace.rehearse();
    expect([run.exitCode, run.outputs['model-package-arn']]).toEqual([0, expect.stringContaining('/shared/1')]);
  });
});

const SLEEPING = 'import time\nprint("asleep", flush=True)\ntime.sleep(3600)\n';
const RUNNING = /PackagingStep +Executing/;

linux('a rehearsal that does not come to its end', () => {
  const nothingLeft = async () => {
    for (let look = 0; look < 3000 && processesWith(workspace.temp).length > 0; look += 1) await sleep(100);
    return processesWith(workspace.temp);
  };

  test('leaves nothing running and nothing behind when it is cancelled', async () => {
    workspace.packager(SLEEPING);
    const run = await workspace.rehearse({}, { signals: { when: (printed) => RUNNING.test(printed) } });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
    expect([await nothingLeft(), workspace.left()]).toEqual([[], []]);
    expect(run.post).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('leaves nothing running when its runner is lost', async () => {
    workspace.packager(SLEEPING);
    const send = [{ signal: 'SIGKILL', afterMs: 0 }] as const;
    const run = await workspace.rehearse(
      {},
      { signals: { when: (printed) => RUNNING.test(printed), send }, post: false },
    );
    expect(run.signal).toBe('SIGKILL');
    expect(await nothingLeft()).toEqual([]);
    for (const name of workspace.left()) rmSync(join(workspace.temp, name), { recursive: true, force: true });
  });
});
