import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../embedded-aws/contracts.ts';
import { text } from '../../../embedded-aws/sagemaker/json.ts';
import { placeOf } from '../../../embedded-aws/sagemaker/jobs/transfer.ts';
import { type Bench, image, openBench, refusal, role } from './harness.ts';
import { s3Input, s3Output } from './pipelines-fixture.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench({ endpointUrl: () => 'http://127.0.0.1:4566' });
});
afterEach(async () => await bench.close());

function jobInput(name: string, more: JsonObject = {}): JsonObject {
  return {
    ProcessingJobName: name,
    RoleArn: role,
    ProcessingResources: { ClusterConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 } },
    AppSpecification: { ImageUri: image, ContainerEntrypoint: ['python3', '/opt/ml/processing/input/code/run.py'] },
    ProcessingInputs: [s3Input('code', 's3://models/code/run.py', '/opt/ml/processing/input/code')],
    ...more,
  };
}

/** Runs the script as a job of its own and gives the description once it has ended. */
async function run(script: string, more: JsonObject = {}): Promise<JsonObject> {
  await bench.put('s3://models/code/run.py', script);
  await bench.call('CreateProcessingJob', jobInput('job', more));
  return await ended('job');
}

async function ended(name: string): Promise<JsonObject> {
  for (;;) {
    const job = await bench.call('DescribeProcessingJob', { ProcessingJobName: name });
    if (job['ProcessingJobStatus'] !== 'InProgress' && job['ProcessingJobStatus'] !== 'Stopping') return job;
    await sleep(10);
  }
}

test('an input prefix is a string, not a folder', () => {
  const places: [key: string, prefix: string, place: string][] = [
    ['m/model.tar.gz', 'm/model.tar.gz', 'model.tar.gz'],
    ['m/model.tar.gz.bak', 'm/model.tar.gz', 'model.tar.gz.bak'],
    ['m/a/b', 'm/', 'a/b'],
    ['m/a/b', 'm', 'a/b'],
    ['m/a/b', '', 'm/a/b'],
    ['data/a', 'dat', 'data/a'],
    ['x/data/a', 'x/dat', 'data/a'],
  ];
  expect(places.map(([key, prefix]) => placeOf(key, prefix))).toEqual(places.map(([, , place]) => place));
});

test('a job sees its inputs, its configuration and a clean environment, and leaves its outputs', async () => {
  process.env['GITHUB_TOKEN'] = 'secret';
  process.env['AWS_SESSION_TOKEN'] = 'real';
  const script = `
import json, os, sys
root = os.environ['BSM_CONTAINER_ROOT']
files = sorted(os.path.relpath(os.path.join(base, name), root) for base, _, names in os.walk(root) for name in names)
os.makedirs('opt/ml/processing/output/deep')
with open('opt/ml/processing/output/deep/seen.json', 'w') as file:
    json.dump({'files': files, 'env': dict(os.environ), 'args': sys.argv[1:], 'cwd': os.getcwd(),
        'config': json.load(open('opt/ml/config/processingjobconfig.json')),
        'resources': json.load(open('opt/ml/config/resourceconfig.json'))}, file)
print('done')
print('and warned', file=sys.stderr)
open(root + '/opt/ml/output/message', 'w').write('all is well')
`;
  await bench.put('s3://models/m/model.tar.gz', 'weights');
  await bench.put('s3://models/m/model.tar.gz.bak', 'old');
  const job = await run(script, {
    AppSpecification: {
      ImageUri: image,
      ContainerEntrypoint: ['python3', '/opt/ml/processing/input/code/run.py'],
      ContainerArguments: ['--model', '/opt/ml/processing/input/model'],
    },
    ProcessingInputs: [
      s3Input('code', 's3://models/code/run.py', '/opt/ml/processing/input/code'),
      s3Input('model', 's3://models/m/model.tar.gz', '/opt/ml/processing/input/model'),
    ],
    ProcessingOutputConfig: { Outputs: [s3Output('out', 's3://models/out', '/opt/ml/processing/output')] },
    Environment: { MODE: 'x', SCRATCH: '/opt/ml/processing/tmp' },
  });
  delete process.env['GITHUB_TOKEN'];
  delete process.env['AWS_SESSION_TOKEN'];
  expect([job['ProcessingJobStatus'], job['FailureReason'], job['ExitMessage']]).toEqual([
    'Completed',
    undefined,
    'all is well',
  ]);
  const seen = JSON.parse((await bench.get('s3://models/out/deep/seen.json')) ?? '{}') as JsonObject;
  const root = text(seen, 'cwd') ?? '';
  const { LC_CTYPE: _ignored, ...environment } = seen['env'] as Record<string, string>;
  expect(environment).toEqual({
    PATH: process.env['PATH'],
    HOME: root,
    LANG: 'C.UTF-8',
    TMPDIR: join(root, 'tmp'),
    PYTHONUNBUFFERED: '1',
    MODE: 'x',
    SCRATCH: `${root}/opt/ml/processing/tmp`,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'ASIAEMBEDDEDJOB00000',
    AWS_SECRET_ACCESS_KEY: 'embedded-aws-processing-job',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    PROCESSING_JOB_NAME: 'job',
    BSM_CONTAINER_ROOT: root,
  });
  expect(seen['args']).toEqual(['--model', `${root}/opt/ml/processing/input/model`]);
  expect(seen['files']).toEqual([
    'opt/ml/config/processingjobconfig.json',
    'opt/ml/config/resourceconfig.json',
    'opt/ml/processing/input/code/run.py',
    'opt/ml/processing/input/model/model.tar.gz',
    'opt/ml/processing/input/model/model.tar.gz.bak',
  ]);
  expect(seen['config']).toMatchObject({
    ProcessingJobName: 'job',
    Environment: { SCRATCH: '/opt/ml/processing/tmp' },
  });
  expect(seen['resources']).toEqual({ current_host: 'algo-1', hosts: ['algo-1'] });
  expect(bench.lines.map((line) => line.message).sort()).toEqual(['and warned', 'done']);
  expect(await readdir(join(bench.folder, 'jobs'))).toEqual([]);
});

describe('a job fails', () => {
  test('with its exit code, its first kilobyte of message, and no output', async () => {
    const script = `
import os, sys
open('opt/ml/processing/output/half.txt', 'w').write('x')
open('opt/ml/output/message', 'w', encoding='utf-8').write('ü' * 600)
sys.exit(3)
`;
    const outputs = { Outputs: [s3Output('out', 's3://models/out', '/opt/ml/processing/output')] };
    const job = await run(script, { ProcessingOutputConfig: outputs });
    expect(job).toMatchObject({
      ProcessingJobStatus: 'Failed',
      FailureReason: 'AlgorithmError: , exit code: 3',
      ExitMessage: 'ü'.repeat(512),
    });
    expect(bench.store.list('models', 'out/')).toEqual([]);
  });

  test.each<[string, JsonObject, RegExp]>([
    [
      'where an input has no object',
      { ProcessingInputs: [s3Input('code', 's3://models/none/', '/opt/ml/processing/input/code')] },
      /^ClientError: Data download failed:No S3 objects found under S3 URL "s3:\/\/models\/none\/"/,
    ],
    [
      'where the bucket of an input is in another region',
      { ProcessingInputs: [s3Input('code', 's3://far/x', '/opt/ml/processing/input/code')] },
      /bucket exists in the selected region \(us-east-1\)/,
    ],
    [
      'where the bucket of an output does not exist',
      { ProcessingOutputConfig: { Outputs: [s3Output('out', 's3://none/out', '/opt/ml/processing/output')] } },
      /^ClientError: Data upload failed:The specified bucket does not exist: s3:\/\/none\/out/,
    ],
    [
      'where its program is not there',
      { AppSpecification: { ImageUri: image, ContainerEntrypoint: ['no-such-program'] } },
      /^AlgorithmError: , exit code: 127/,
    ],
    ['where it names no program', { AppSpecification: { ImageUri: image } }, /must name its ContainerEntrypoint/],
  ])('%s', async (_name, more, reason) => {
    await bench.store.createBucket('far', 'eu-west-1');
    await bench.put('s3://far/x', 'x');
    const job = await run('', more);
    expect(job).toMatchObject({ ProcessingJobStatus: 'Failed', FailureReason: expect.stringMatching(reason) });
  });

  test('when it runs longer than it may, with all that it started', async () => {
    const script = `
import subprocess, sys, time
subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
time.sleep(60)
`;
    const job = await run(script, { StoppingCondition: { MaxRuntimeInSeconds: 1 } });
    expect(job).toMatchObject({
      ProcessingJobStatus: 'Stopped',
      FailureReason: expect.stringContaining('MaxRuntimeInSeconds of 1 seconds'),
    });
    expect(await readdir(join(bench.folder, 'jobs'))).toEqual([]);
  });
});

test('what a job leaves running ends with it, even when it holds on to the output', async () => {
  const script = `
import subprocess, sys
subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
print('gone')
`;
  expect(await run(script)).toMatchObject({ ProcessingJobStatus: 'Completed' });
});

test('a daemon in a session of its own that holds on to the output ends no job later', async () => {
  const script = [
    'import subprocess, sys',
    'subprocess.Popen(["sleep", "20"], start_new_session=True)',
    'print("done")',
  ].join('\n');
  expect(await run(script)).toMatchObject({ ProcessingJobStatus: 'Completed' });
}, 15_000);

test('a job of several instances runs one of them and says so', async () => {
  const cluster = { ClusterConfig: { InstanceType: 'ml.m5.large', InstanceCount: 2, VolumeSizeInGB: 10 } };
  expect(await run('', { ProcessingResources: cluster })).toMatchObject({ ProcessingJobStatus: 'Completed' });
  expect(bench.lines.map((line) => line.message)).toEqual(['The embedded AWS runs 1 of 2 instances: algo-1.']);
});

describe('CreateProcessingJob refuses', () => {
  const code = s3Input('code', 's3://models/code/run.py', '/opt/ml/processing/input/code');
  test.each<[string, JsonObject, string]>([
    [
      'a local path elsewhere',
      { ProcessingInputs: [s3Input('code', 's3://models/x', '/tmp')] },
      "Processing input 'code': the LocalPath '/tmp' must be an absolute path that begins with /opt/ml/processing/.",
    ],
    [
      'a local path that climbs',
      { ProcessingInputs: [s3Input('code', 's3://models/x', '/opt/ml/processing/../../../etc')] },
      "Processing input 'code': the LocalPath '/opt/ml/processing/../../../etc' must be an absolute path that begins with /opt/ml/processing/.",
    ],
    [
      'an input name twice',
      { ProcessingInputs: [code, code] },
      "The input name 'code' is used twice; InputNames must be unique.",
    ],
    [
      'an image of another region',
      {
        AppSpecification: {
          ImageUri: '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.1.0-cpu-py310',
        },
      },
      "The image '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.1.0-cpu-py310' is in eu-west-1; " +
        'SageMaker in us-east-1 takes images of its own region only.',
    ],
  ])('%s', async (_name, more, message) => {
    const answer = await refusal(bench.call('CreateProcessingJob', jobInput('refused', more)));
    expect(answer).toBe(`ValidationException: ${message}`);
  });

  test('a name that is taken', async () => {
    await run('');
    expect(await refusal(bench.call('CreateProcessingJob', jobInput('job')))).toMatch(
      /^ResourceInUse: Job name must be unique/,
    );
  });
});

describe('DeleteProcessingJob', () => {
  const remove = () => bench.call('DeleteProcessingJob', { ProcessingJobName: 'job' });

  test('removes a job that has ended, and its name is free again', async () => {
    await run('');
    expect(await remove()).toEqual({});
    expect(await refusal(bench.call('DescribeProcessingJob', { ProcessingJobName: 'job' }))).toMatch(
      /^ResourceNotFound/,
    );
    expect(await run('')).toMatchObject({ ProcessingJobStatus: 'Completed' });
  });

  test('refuses a job that runs, and one that is being stopped', async () => {
    await bench.put('s3://models/code/run.py', 'import time; time.sleep(60)');
    await bench.call('CreateProcessingJob', jobInput('job'));
    expect(await refusal(remove())).toMatch(/^ResourceInUse: .* is InProgress\. Stop it/);
    await bench.call('StopProcessingJob', { ProcessingJobName: 'job' });
    expect(await refusal(remove())).toMatch(/^ResourceInUse: .* is Stopping\. Stop it/);
    await ended('job');
    expect(await remove()).toEqual({});
  });
});
