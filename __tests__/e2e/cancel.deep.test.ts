import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../embedded-aws/faults.ts';
import { BUCKET, openWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** Longer than anybody waits. */
const SILENT_MS = 3_600_000;

interface Silence {
  readonly inputs?: Readonly<Record<string, string>>;
  /** So many of these calls are answered before. */
  readonly answered?: number;
  /** Another call that AWS is silent at, too. */
  readonly also?: Pick<Fault, 'operation' | 'call'>;
}

/** Deploys, and is cancelled as soon as AWS is silent at this operation, which it carries out all the same. */
async function cancelAt(operation: string, { inputs = {}, answered = 0, also }: Silence = {}) {
  const silent = [{ operation, call: answered + 1 }, ...(also === undefined ? [] : [also])];
  world.aws.setFaults(silent.map((call) => ({ ...call, fault: 'slow', delayMs: SILENT_MS })));
  world.operations();
  const seen: string[] = [];
  return world.deploy(inputs, {
    signals: {
      when() {
        seen.push(...world.operations());
        return seen.filter((name) => name === operation).length > answered;
      },
      send: [{ signal: 'SIGINT', afterMs: 0 }],
    },
  });
}

async function removeObject(Key: string | undefined): Promise<void> {
  const signing = { accessKeyId: 'AKIAEMBEDDED', secretAccessKey: 'test' };
  const s3 = new S3Client({ region: 'us-east-1', endpoint: world.aws.url, credentials: signing });
  await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
}

describe('a cancelled run says how it ended, however silent AWS is', () => {
  test.each([
    ['before anything is known', 'GetCallerIdentity'],
    ['while the model is looked at', 'GetObject'],
    ['while the registry is searched', 'ListPipelineExecutions'],
    ['while a region is checked', 'DescribeModelPackageGroup'],
    ['while the pipeline is written', 'CreatePipeline'],
  ])('%s', async (_when, operation) => {
    const run = await cancelAt(operation);
    expect([run.exitCode, run.signal, run.outputs['status']]).toEqual([1, null, 'cancelled']);
    expect(run.stdout).toContain('::error title=cancelled::');
    expect(run.summary).toContain('ancelled');
    expect(world.operations()).not.toContain('StartPipelineExecution');
  });

  test('while the pipeline is started: what AWS has started is found, and stopped', async () => {
    const run = await cancelAt('StartPipelineExecution', { inputs: { 'on-cancel': 'stop' } });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
    expect(run.outputs['pipeline-execution-arn']).toContain('/execution/');
    expect(world.operations()).toContain('StopPipelineExecution');
    expect(run.post?.stdout).toBe('');
  });

  test('while the pipeline is started, and silent after it: post looks for what may run, and stops it', async () => {
    // An execution that has ended by itself needs no stop.
    writeFileSync(join(world.workspace, 'scripts', 'mims_package.py'), 'import time\ntime.sleep(3600)\n');
    const also = { operation: 'ListPipelineExecutions', call: 2 };
    const run = await cancelAt('StartPipelineExecution', { inputs: { 'on-cancel': 'stop' }, also });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
    expect(run.stdout).toMatch(/asked to start the pipeline execution [0-9a-f]{12}-[0-9a-f]{12}-1, .* it may run/);
    expect(run.post?.stdout).toContain('asked AWS to stop');
  });

  test.each([
    ['written down in the registry', 'UpdateModelPackage'],
    ['compared with the model', 'HeadObject'],
    ['confirmed', 'DescribeModelPackage'],
  ])('while what was registered is %s', async (_what, operation) => {
    const run = await cancelAt(operation);
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
    expect(run.stdout).toContain('::error title=cancelled::');
    expect(run.outputs['pipeline-execution-arn']).toContain('/execution/');
  });

  test('while a plan is compared: half of it is no plan', async () => {
    const run = await cancelAt('DescribePipeline', { inputs: { mode: 'plan' } });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
  });

  test('while it is looked for what is required: it is not said to be missing', async () => {
    await world.deploy();
    const record = world.aws.requests().find(({ key }) => key?.includes('/registered/') === true)?.key;
    await removeObject(record);
    const run = await cancelAt('DescribeModelPackage', { inputs: { 'if-registered': 'require' } });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
    expect(run.stdout).not.toContain('not-registered');
  });

  test('while the execution is followed: it is stopped', async () => {
    const run = await cancelAt('DescribePipelineExecution', { answered: 1, inputs: { 'on-cancel': 'stop' } });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
    expect(world.operations()).toContain('StopPipelineExecution');
  });

  test('while an approval is set', async () => {
    await world.deploy();
    const run = await cancelAt('UpdateModelPackage', { inputs: { 'approval-status': 'Approved' } });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
    expect(run.outputs['model-package-arns']).toContain('model-package/bsm-team-bsm-rnr-na/1');
  });
});
