import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { unpackTar } from 'modern-tar';
import { runnerCommands } from '../harness/runner-commands.ts';
import { BUCKET, MODEL_URI, openWorld, type World } from './world.ts';

const LOC = `s3://${BUCKET}/MODS/bsm-team-BSM-RnR-NA_1.3.0`;
const ARN = 'arn:aws:sagemaker:us-east-1:123456789012';
const PACKAGE = `${ARN}:model-package/bsm-team-BSM-RnR-NA/1`;

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

function errorsIn(stdout: string) {
  return runnerCommands(stdout).filter(({ command }) => command === 'error');
}

describe('a first deployment', () => {
  test('registers the model and gives back every output', async () => {
    const run = await world.deploy();
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
    const run = await world.deploy();
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

  test('needs at most 25 requests up to the start', async () => {
    await world.deploy();
    const operations = world.operations();
    expect(operations.indexOf('StartPipelineExecution')).toBeGreaterThan(0);
    expect(operations.indexOf('StartPipelineExecution') + 1).toBeLessThanOrEqual(25);
  });

  test('keeps the configured payload key as an alias of what the package points at', async () => {
    const run = await world.deploy();
    const alias = world.aws.store.head(
      BUCKET,
      'mods/payload/payload_bsm-team-BSM-RnR-NA_1.3.0_RnR_Abuse_Detection.tar.gz',
    );
    const hashed = world.aws.store.head(BUCKET, (run.outputs['payload-s3-uri'] ?? '').slice(`s3://${BUCKET}/`.length));
    expect(alias?.etag).toBe(hashed?.etag);
  });
});

describe('a second deployment', () => {
  test('of the same thing starts nothing and returns the same ARN', async () => {
    const first = await world.deploy();
    world.operations();
    const second = await world.deploy();
    expect(second.exitCode).toBe(0);
    expect(second.outputs).toMatchObject({
      status: 'reused',
      'model-package-arns': first.outputs['model-package-arns'],
      'package-sha256': first.outputs['package-sha256'],
      fingerprint: first.outputs['fingerprint'],
    });
    expect(world.operations().filter((operation) => /^(Put|Create|Update|Start)/.test(operation))).toEqual([]);
  });

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

  test('is red when its time is over, and stopped', async () => {
    writeFileSync(join(world.workspace, 'scripts', 'mims_package.py'), 'import time\ntime.sleep(60)\n');
    const run = await world.deploy({ 'timeout-minutes': '0.03' });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'timed-out']);
    expect(world.operations()).toContain('StopPipelineExecution');
  });

  test('is red when somebody stopped it', async () => {
    writeFileSync(join(world.workspace, 'scripts', 'mims_package.py'), 'import time\ntime.sleep(60)\n');
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
