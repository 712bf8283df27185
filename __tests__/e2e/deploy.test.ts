import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { unpackTar } from 'modern-tar';
import type { ActionRun } from '../harness/run-action.ts';
import { runnerCommands } from '../harness/runner-commands.ts';
import { BUCKET, openWorld, type World } from './world.ts';

const LOC = `s3://${BUCKET}/MODS/bsm-team-BSM-RnR-NA_1.3.0`;
const ARN = 'arn:aws:sagemaker:us-east-1:123456789012';
const PACKAGE = `${ARN}:model-package/bsm-team-bsm-rnr-na/1`;

// One of each kind, of the committed bundle; deploy.deep.test.ts has the others.
let world: World;
const open = async () => {
  world = await openWorld();
};

function errorsIn(stdout: string) {
  return runnerCommands(stdout).filter(({ command }) => command === 'error');
}

describe('a first deployment', () => {
  let run: ActionRun;
  beforeAll(async () => {
    await open();
    run = await world.deploy();
  });
  afterAll(() => world.close());

  test('registers the model and gives back every output', () => {
    expect([run.exitCode, errorsIn(run.stdout)]).toEqual([0, []]);
    const { outputs } = run;
    const fingerprint = outputs['fingerprint'] ?? '';
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(outputs).toMatchObject({
      status: 'succeeded',
      'model-package-arns': JSON.stringify({ NA: PACKAGE }),
      'model-package-arn': PACKAGE,
      'model-packages': JSON.stringify([
        { region: 'NA', aws_region: 'us-east-1', arn: PACKAGE, group: 'bsm-team-BSM-RnR-NA', version: 1 },
      ]),
      'model-package-versions': JSON.stringify({ NA: { group: 'bsm-team-BSM-RnR-NA', version: 1 } }),
      'pipeline-arn': `${ARN}:pipeline/bsm-team-BSM-RnR-NA`,
      'pipeline-change': 'create',
      'packaged-model-s3-uri': `${LOC}/package/${fingerprint}/model.tar.gz`,
      'package-sha256': expect.stringMatching(/^[0-9a-f]{64}$/),
      'pipeline-execution-arn': expect.stringContaining(':pipeline/bsm-team-BSM-RnR-NA/execution/'),
      'model-name': expect.stringContaining('CreatePytorchModelStep'),
      'payload-s3-uri': expect.stringMatching(
        new RegExp(`^${LOC}/payload/[0-9a-f]{64}/${fingerprint}/payload.tar.gz$`),
      ),
    });
    expect(outputs['plan-path']).toMatch(/plan\.json$/);
    expect(outputs['execution-document-path']).toMatch(/execution-document\.json$/);
    expect(run.summary).toContain('## ✅ Registered: bsm-team-BSM-RnR-NA');
    expect(run.post).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('packages the model files at the root and the inference code in code/', async () => {
    const stored = world.aws.store.head(
      BUCKET,
      (run.outputs['packaged-model-s3-uri'] ?? '').slice(`s3://${BUCKET}/`.length),
    );
    const entries = await unpackTar(gunzipSync(readFileSync(stored?.bodyPath ?? '')));
    const files = entries.filter(({ header }) => header.type === 'file').map(({ header }) => header.name);
    expect(files.sort()).toEqual([
      'code/features.py',
      'code/inference.py',
      'code/network.py',
      'hyperparameters.json',
      'model.pth',
    ]);
  });

  test('needs at most 25 requests up to the start', () => {
    const operations = world.operations();
    expect(operations.indexOf('StartPipelineExecution')).toBeGreaterThan(0);
    expect(operations.indexOf('StartPipelineExecution') + 1).toBeLessThanOrEqual(25);
  });

  test('keeps the configured payload key as an alias of what the package points at', () => {
    const alias = world.aws.store.head(
      BUCKET,
      'mods/payload/payload_bsm-team-BSM-RnR-NA_1.3.0_RnR_Abuse_Detection.tar.gz',
    );
    const hashed = world.aws.store.head(BUCKET, (run.outputs['payload-s3-uri'] ?? '').slice(`s3://${BUCKET}/`.length));
    expect(alias?.etag).toBe(hashed?.etag);
  });

  test('a second one of the same thing starts nothing and returns the same ARN', async () => {
    world.operations();
    const second = await world.deploy();
    expect(second.exitCode).toBe(0);
    expect(second.outputs).toMatchObject({
      status: 'reused',
      'model-package-arns': run.outputs['model-package-arns'],
      'package-sha256': run.outputs['package-sha256'],
      fingerprint: run.outputs['fingerprint'],
    });
    expect(world.operations().filter((operation) => /^(Put|Create|Update|Start)/.test(operation))).toEqual([]);
  });
});

describe('a failing execution', () => {
  beforeEach(open);
  afterEach(() => world.close());

  test('is red with the step, its reason and the tail of the container log', async () => {
    writeFileSync(join(world.workspace, 'scripts', 'mims_package.py'), "print('about to fail')\nraise SystemExit(3)\n");
    const run = await world.deploy();
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'failed']);
    expect(errorsIn(run.stdout).map(({ properties }) => properties['title'])).toEqual(['execution-failed']);
    expect(errorsIn(run.stdout)[0]?.data).toContain(
      'PackagingStep failed: ClientError: AlgorithmError: , exit code: 3',
    );
    expect(run.stdout).toContain('  | about to fail');
    expect(run.summary).toContain('## ❌ Failed');
    expect(run.outputs['model-package-arns']).toBe('{}');
  });
});
