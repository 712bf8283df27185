import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { runnerCommands } from '../harness/runner-commands.ts';
import { BUCKET, MODEL_URI, openWorld, type World } from './world.ts';

const ARN = 'arn:aws:sagemaker:us-east-1:123456789012';
const PACKAGE = `${ARN}:model-package/bsm-team-bsm-rnr-na/1`;

let world: World;
beforeEach(async () => {
  world = await openWorld();
  // deploy.test.ts verifies.
  world.configure((config) => Object.assign(config['package'] ?? {}, { verify: false }));
});
afterEach(() => world.close());

function errorsIn(stdout: string) {
  return runnerCommands(stdout).filter(({ command }) => command === 'error');
}

describe('a second deployment', () => {
  test('of another model leaves the pipeline as it is and makes the next version', async () => {
    await world.deploy();
    await world.aws.store.putFile(
      BUCKET,
      'releases/1.4.0/model.tar.gz',
      join(world.workspace, 'scripts', 'network.py'),
    );
    const archive = world.aws.store.head(BUCKET, 'releases/1.3.0/model.tar.gz');
    // Another gzip file of the same content has another identity: a byte of the header's time differs.
    const bytes = readFileSync(archive?.bodyPath ?? '');
    bytes[4] = 7;
    await world.aws.store.putBytes(BUCKET, 'releases/1.4.0/model.tar.gz', bytes);
    const second = await world.deploy({ 'model-s3-path': MODEL_URI.replace('1.3.0', '1.4.0') });
    expect(second.outputs).toMatchObject({
      status: 'succeeded',
      'pipeline-change': 'none',
      'model-package-arn': PACKAGE.replace(/1$/, '2'),
    });
  });

  test('with if-registered: again makes a new version', async () => {
    await world.deploy();
    const second = await world.deploy({ 'if-registered': 'again' });
    expect(second.outputs).toMatchObject({ status: 'succeeded', 'model-package-arn': PACKAGE.replace(/1$/, '2') });
  });

  test('updates the pipeline when the configuration changed', async () => {
    await world.deploy();
    world.configure((config) => Object.assign(config['registration'] ?? {}, { model_owner: 'another-team' }));
    const second = await world.deploy({}, {});
    expect(second.outputs).toMatchObject({ status: 'succeeded', 'pipeline-change': 'update' });
  });
});

describe('options', () => {
  test('wait: false ends green as soon as the execution is started', async () => {
    const run = await world.deploy({ wait: 'false' });
    expect([run.exitCode, run.outputs['status']]).toEqual([0, 'started']);
    expect(run.outputs['pipeline-execution-arn']).toContain('/execution/');
  });

  test('tags are merged into pipeline and group, those of others stay', async () => {
    await world.deploy({ tags: 'team=bsm' });
    world.operations();
    const second = await world.deploy({ tags: 'team=bsm\nstage=prod', 'if-registered': 'again' });
    expect(second.exitCode).toBe(0);
    expect(world.operations()).toEqual(expect.arrayContaining(['ListTags', 'AddTags']));
  });

  test('the merged layout deploys the same', async () => {
    const { cpSync } = await import('node:fs');
    const { ROOT } = await import('../harness/run-action.ts');
    cpSync(join(ROOT, 'examples', 'bsm', 'config-merged.json'), join(world.workspace, 'merged.json'));
    const one = await world.deploy();
    const other = await world.deploy({ 'config-path': 'merged.json' });
    expect(other.outputs).toMatchObject({ status: 'reused', fingerprint: one.outputs['fingerprint'] });
  });
});

describe('a failing execution', () => {
  test('is red when its time is over, and stopped', async () => {
    writeFileSync(join(world.workspace, 'scripts', 'mims_package.py'), 'import time\ntime.sleep(3600)\n');
    const run = await world.deploy({ 'timeout-minutes': '0.03' });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'timed-out']);
    expect(world.operations()).toContain('StopPipelineExecution');
  });

  test('is red when somebody stopped it', async () => {
    writeFileSync(join(world.workspace, 'scripts', 'mims_package.py'), 'import time\ntime.sleep(3600)\n');
    const { SageMakerClient, StopPipelineExecutionCommand } = await import('@aws-sdk/client-sagemaker');
    const credentials = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' };
    const client = new SageMakerClient({ region: 'us-east-1', endpoint: world.aws.url, credentials });
    let stopping: Promise<unknown> | undefined;
    const run = await world.deploy(
      {},
      {
        onOutput(_child, printed) {
          const arn = /PackagingStep +Executing/.test(printed) ? /Execution +(\S+)/.exec(printed)?.[1] : undefined;
          if (arn !== undefined)
            stopping ??= client.send(
              new StopPipelineExecutionCommand({ PipelineExecutionArn: arn, ClientRequestToken: 'x'.repeat(32) }),
            );
        },
      },
    );
    await stopping;
    client.destroy();
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'stopped']);
  });
});

type BadInput = readonly [what: string, code: string, spoil: () => void, inputs: Readonly<Record<string, string>>];

describe('bad input', () => {
  const spoilt: readonly BadInput[] = [
    ['no configuration', 'config-missing', () => rmSync(join(world.workspace, 'config.json')), {}],
    ['broken JSON', 'config-invalid', () => writeFileSync(join(world.workspace, 'config.json'), '{"base": }'), {}],
    ['a missing model', 'model-missing', () => undefined, { 'model-s3-path': `s3://${BUCKET}/nope/model.tar.gz` }],
    ['a URI that is none', 'input-invalid', () => undefined, { 'model-s3-path': 'model.tar.gz' }],
    ['an unknown region', 'input-invalid', () => undefined, { regions: 'MARS' }],
    ['no role', 'role-missing', () => world.configure((config) => delete config['base']?.['role']), {}],
    [
      'no bucket',
      'bucket-missing',
      () => world.configure((config) => Object.assign(config['base'] ?? {}, { bucket: 'not-there-123' })),
      {},
    ],
  ];

  test.each(spoilt)('%s is one clear error and nothing is started', async (_what, code, spoil, inputs) => {
    spoil();
    const run = await world.deploy(inputs);
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'failed']);
    expect(errorsIn(run.stdout).map(({ properties }) => properties['title'])).toEqual([code]);
    expect(run.stdout.replace(/^::debug::.*$/gm, '')).not.toMatch(/^\s+at /m);
    expect(world.operations().filter((operation) => /^(Put|Create|Update|Start|Copy)/.test(operation))).toEqual([]);
  });

  test('a bucket of another region is named with its region', async () => {
    await world.aws.store.createBucket('models-of-europe', 'eu-west-1');
    world.configure((config) => Object.assign(config['base'] ?? {}, { bucket: 'models-of-europe' }));
    const run = await world.deploy();
    expect(errorsIn(run.stdout)[0]).toMatchObject({
      properties: { title: 'bucket-region' },
      data: expect.stringContaining('is in eu-west-1; expected us-east-1'),
    });
  });

  test.each([
    ['no credentials', 'credentials-missing', { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }],
    ['an endpoint that is not there', 'endpoint-unreachable', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }],
  ])('%s is one clear error', async (_what, code, env) => {
    const run = await world.deploy({}, { env });
    expect([run.exitCode, errorsIn(run.stdout).map(({ properties }) => properties['title'])]).toEqual([1, [code]]);
  });

  test('AccessDenied names the call', async () => {
    world.aws.setFaults([{ operation: 'CreatePipeline', call: 'every', fault: 'access-denied' }]);
    const run = await world.deploy();
    expect(errorsIn(run.stdout)[0]).toMatchObject({
      properties: { title: 'access-denied' },
      data: expect.stringContaining('Could not create the pipeline bsm-team-BSM-RnR-NA'),
    });
    expect(world.operations()).not.toContain('StartPipelineExecution');
  });
});
