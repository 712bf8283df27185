import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BUCKET, MODEL_URI, openWorld, type World } from '../e2e/world.ts';
import { ROOT } from '../harness/run-action.ts';
import { runCommand } from './support.ts';

const ARN = 'arn:aws:sagemaker:us-east-1:123456789012';
const PACKAGE = `${ARN}:model-package/bsm-team-bsm-rnr-na/1`;
const INPUTS = ['--config-path', 'config.json', '--model-s3-path', MODEL_URI];
/** What a workflow's log would take for a command, or a terminal for more than text. */
const COMMAND = /^\s*::|##\[|(?!\n)\p{Cc}/mu;

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** Makes the packaging job a script that ends like this. */
function packagerThat(lines: string): void {
  writeFileSync(join(world.workspace, 'scripts', 'mims_package.py'), lines);
}

/** This machine's Python is not that of the image, which verification would warn of. */
function unverified(): void {
  world.configure((config) => void Object.assign(config['package'] ?? {}, { verify: false }));
}

describe('deploy', () => {
  test('deploys, shows the outputs as a table, keeps its files in the folder asked for, and ends with 0', async () => {
    unverified();
    const run = await runCommand(world, ['deploy', ...INPUTS, '--output-folder', 'out']);
    expect([run.code, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/^PackagingStep +Succeeded/m);
    expect(run.stdout).toMatch(/^Outputs\n {2}status +succeeded\n/m);
    expect(run.stdout).toContain(`  model-package-arn        ${PACKAGE}\n`);
    expect(run.stdout).toMatch(/\nSummary: .*\/out\/summary\.md\n$/);
    expect(COMMAND.test(run.stdout)).toBe(false);
    const kept = (name: string) => readFileSync(join(world.workspace, 'out', name), 'utf8');
    expect(kept('summary.md')).toContain('Registered: bsm-team-BSM-RnR-NA');
    expect([kept('plan.json'), kept('execution-document.json')].map((text) => typeof JSON.parse(text))).toEqual([
      'object',
      'object',
    ]);
    const again = await runCommand(world, ['deploy', ...INPUTS, '--output-folder', 'out']);
    expect([again.code, kept('summary.md').match(/^## /gm)]).toEqual([0, ['## ']]);
  });

  test('with --json writes one document to standard output and the log to standard error', async () => {
    unverified();
    const run = await runCommand(world, ['deploy', ...INPUTS, '--json']);
    expect(JSON.parse(run.stdout)).toEqual({
      status: 'succeeded',
      outputs: expect.objectContaining({ status: 'succeeded', 'model-package-arn': PACKAGE }),
      warnings: [],
      errors: [],
    });
    expect([run.code, run.stderr]).toEqual([0, expect.stringMatching(/^PackagingStep +Succeeded[^]*\nSummary: /m)]);
  });

  test('that fails ends with 1, and tells the code of the error', async () => {
    packagerThat('raise SystemExit("no such luck")\n');
    const run = await runCommand(world, ['deploy', ...INPUTS, '--json']);
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({
      status: 'failed',
      errors: [{ code: 'execution-failed', message: expect.stringContaining('PackagingStep failed') }],
    });
    expect(run.stderr).toMatch(/^error\[execution-failed\]: PackagingStep failed/m);
  });

  test('tells the places in a configuration that is wrong, in colour where colour is forced', async () => {
    world.configure((config) => {
      Object.assign(config['base'] ?? {}, { bucket: 'No_Bucket' });
    });
    const [plain, coloured] = await Promise.all([
      runCommand(world, ['deploy', ...INPUTS]),
      runCommand(world, ['deploy', ...INPUTS], { env: { FORCE_COLOR: '1' } }),
    ]);
    expect([plain.code, plain.stderr]).toEqual([
      1,
      expect.stringMatching(/^error\[config-invalid\]: config\.json:\d+:\d+: .*bucket/),
    ]);
    expect(coloured.stderr.startsWith('\u001b[1;31merror[config-invalid]:\u001b[0m config.json:')).toBe(true);
  });

  test('with --no-wait returns once it is started', async () => {
    packagerThat('import time\ntime.sleep(3600)\n');
    const run = await runCommand(world, ['deploy', ...INPUTS, '--no-wait', '--json']);
    expect([run.code, JSON.parse(run.stdout)]).toEqual([0, expect.objectContaining({ status: 'started' })]);
  });
});

describe('wrong input ends with 2 before anything is asked of AWS', () => {
  test.each([
    ['a flag that is missing', ['deploy', '--config-path', 'config.json'], 'deploy needs --model-s3-path'],
    ['a value', ['deploy', ...INPUTS, '--regions', 'XX'], '--regions names "XX"; expected NA, EU, FE'],
    ['a parameter', ['plan', ...INPUTS, '--parameters', 'GitCommit=1'], '--parameters sets GitCommit; expected'],
    ['a folder', ['plan', ...INPUTS, '--output-folder', 'config.json'], '--output-folder "config.json" cannot be used'],
    ['a file', ['plan', ...INPUTS, '--execution-document', 'nowhere.json'], 'nowhere.json'],
  ])('%s', async (_, args, message) => {
    const run = await runCommand(world, [...args, '--json']);
    expect([run.code, world.operations()]).toEqual([2, []]);
    expect(JSON.parse(run.stdout)).toMatchObject({
      status: 'failed',
      errors: [{ code: 'input-invalid', message: expect.stringContaining(message) }],
    });
    expect(run.stderr).toContain('error[input-invalid]: ');
  });

  test('and nothing at all is answered with help', async () => {
    const run = await runCommand(world, []);
    expect([run.code, run.stdout]).toEqual([
      2,
      expect.stringContaining('Usage: bsm-pytorch-deploy plan|rehearse|deploy'),
    ]);
  });
});

describe('plan', () => {
  test('changes nothing and ends with 0', async () => {
    const run = await runCommand(world, ['plan', ...INPUTS, '--json']);
    const { status, outputs } = JSON.parse(run.stdout) as { status: string; outputs: Record<string, string> };
    expect([run.code, status, outputs['pipeline-change']]).toEqual([0, 'planned', 'create']);
    expect(world.operations().filter((name) => /^(Put|Create|Start|Update)/.test(name))).toEqual([]);
  });

  test('that finds no model ends with 1', async () => {
    const inputs = ['--config-path', 'config.json', '--model-s3-path', `s3://${BUCKET}/none/model.tar.gz`];
    const run = await runCommand(world, ['plan', ...inputs, '--json']);
    const { errors } = JSON.parse(run.stdout) as { errors: readonly { code: string }[] };
    expect([run.code, errors.map(({ code }) => code)]).toEqual([1, ['model-missing']]);
  });
});

describe('rehearse', () => {
  test('needs no account, and takes the model as a file', async () => {
    const model = join(ROOT, 'examples', 'bsm', 'model.tar.gz');
    const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    const args = ['rehearse', '--config-path', 'config.json', '--model-s3-path', model, '--json'];
    const run = await runCommand(world, args, { env });
    const { status, errors } = JSON.parse(run.stdout) as { status: string; errors: unknown };
    expect([run.code, status, errors, world.operations()]).toEqual([0, 'succeeded', [], []]);
    expect(run.stderr).not.toContain('NodeVersionSupportWarning');
  });
});

describe('a signal', () => {
  test('cancels as in a workflow', async () => {
    packagerThat('import time\ntime.sleep(3600)\n');
    const sent: string[] = [];
    const run = await runCommand(world, ['deploy', ...INPUTS, '--json'], {
      onOutput(child, printed) {
        if (sent.length > 0 || !/PackagingStep +Executing/.test(printed)) return;
        sent.push('SIGINT');
        child.kill('SIGINT');
      },
    });
    expect([run.code, JSON.parse(run.stdout)]).toEqual([1, expect.objectContaining({ status: 'cancelled' })]);
    expect(world.operations()).toContain('StopPipelineExecution');
  });

  test('a second time stops waiting, and tells what may still run', async () => {
    packagerThat('import time\ntime.sleep(3600)\n');
    world.aws.setFaults([{ operation: 'StopPipelineExecution', call: 'every', fault: 'slow', delayMs: 30_000 }]);
    const sent: string[] = [];
    const run = await runCommand(world, ['deploy', ...INPUTS, '--json'], {
      onOutput(child, printed) {
        if (sent.length === 0 && /PackagingStep +Executing/.test(printed)) {
          sent.push('SIGINT');
          child.kill('SIGINT');
        } else if (sent.length === 1 && /^Cancelling\./m.test(printed)) {
          sent.push('SIGINT');
          // Within half a second it counts as the same press.
          setTimeout(() => child.kill('SIGINT'), 700);
        }
      },
    });
    expect([run.code, JSON.parse(run.stdout)]).toEqual([
      1,
      expect.objectContaining({
        status: 'cancelled',
        errors: [
          { code: 'cancelled', message: expect.stringMatching(/^Not waited for the end\. It may still run: arn:/) },
        ],
      }),
    ]);
  });
});
