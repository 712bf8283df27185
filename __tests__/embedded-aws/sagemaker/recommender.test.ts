import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AnswerBook, type AnswerValue, createAnswerBook } from '../../../embedded-aws/answers.ts';
import type { JsonObject } from '../../../embedded-aws/contracts.ts';
import { object, objects } from '../../../embedded-aws/sagemaker/json.ts';
import { type Bench, memoryState, openBench, role } from './harness.ts';
import { ECHO, jobEnded, register, request } from './recommender-fixture.ts';

let bench: Bench;
let answers: AnswerBook;
beforeEach(async () => {
  answers = createAnswerBook();
  bench = await openBench({ answers, loadTimeScale: 300 });
  await bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' });
});
afterEach(async () => await bench.close());

const create = (input: JsonObject) => bench.call('CreateInferenceRecommendationsJob', input);
const describeJob = () => bench.call('DescribeInferenceRecommendationsJob', { JobName: 'load' });
const said = () => bench.lines.map(({ message }) => message).join('\n');

const ended = () => jobEnded(bench);

function metricsOf(job: JsonObject): JsonObject {
  return object(objects(job, 'InferenceRecommendations')[0] ?? {}, 'Metrics') ?? {};
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const workers = () => [...said().matchAll(/loaded by (\d+)/g)].map(([, pid]) => Number(pid));

/** What is killed is there until it has been waited for. */
async function workersGone(): Promise<void> {
  while (workers().some(isRunning)) await sleep(20);
}

test('a package is served, loaded with its payloads, and measured', async () => {
  const arn = await register(bench, ECHO);
  expect(await create(request(arn))).toEqual({
    JobArn: 'arn:aws:sagemaker:us-east-1:123456789012:inference-recommendations-job/load',
  });
  expect(['PENDING', 'IN_PROGRESS']).toContain((await describeJob())['Status']);
  const job = await ended();
  const metrics = metricsOf(job);
  const perMinute = Number(metrics['MaxInvocations']);
  expect(job).toEqual({
    JobName: 'load',
    JobDescription: '',
    JobType: 'Advanced',
    JobArn: 'arn:aws:sagemaker:us-east-1:123456789012:inference-recommendations-job/load',
    RoleArn: role,
    Status: 'COMPLETED',
    CreationTime: expect.any(Number),
    LastModifiedTime: expect.any(Number),
    CompletionTime: expect.any(Number),
    InputConfig: request(arn)['InputConfig'],
    InferenceRecommendations: [
      {
        RecommendationId: expect.any(String),
        Metrics: {
          CostPerHour: 0.115,
          CostPerInference: expect.closeTo(0.115 / 60 / perMinute, 12),
          MaxInvocations: expect.any(Number),
          ModelLatency: expect.any(Number),
        },
        EndpointConfiguration: {
          EndpointName: expect.stringMatching(/^sm-epc-/),
          VariantName: expect.any(String),
          InstanceType: 'ml.m5.large',
          InitialInstanceCount: 1,
        },
        ModelConfiguration: {},
        InvocationStartTime: expect.any(Number),
        InvocationEndTime: expect.any(Number),
      },
    ],
  });
  expect(perMinute).toBeGreaterThan(0);
  expect(metrics['ModelLatency']).toBeGreaterThan(0);
  expect(said()).toMatch(/loaded by \d+ inference\.py \['code', 'weights'\]/);
  const groups = new Set(bench.lines.map(({ group }) => group.replace(/sm-epc-.*/, '*')));
  expect(groups).toEqual(new Set(['/aws/sagemaker/InferenceRecommendationsJobs', '/aws/sagemaker/Endpoints/*']));
  await workersGone();
});

describe('a load test of an hour ends before its time', () => {
  const slow = ECHO.replace('    return {', '    import time; time.sleep(0.2)\n    return {');

  test.each<[string, string, JsonObject]>([
    [
      'when answers take longer than allowed',
      slow,
      { ModelLatencyThresholds: [{ Percentile: 'P95', ValueInMilliseconds: 50 }], FlatInvocations: 'Continue' },
    ],
    ['when it reaches the invocations it is to reach', ECHO, { MaxInvocations: 1, FlatInvocations: 'Continue' }],
    ['when more users bring no more invocations', slow, { FlatInvocations: 'Stop' }],
  ])('%s', async (_, handler, stop) => {
    await bench.close();
    bench = await openBench({ answers, loadTimeScale: 30 });
    await bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' });
    await create(
      request(await register(bench, handler), { stop, phase: { InitialNumberOfUsers: 3, DurationInSeconds: 3600 } }),
    );
    const job = await ended();
    expect([job['Status'], Number(metricsOf(job)['MaxInvocations']) > 0]).toEqual(['COMPLETED', true]);
  });
});

describe('a job fails', () => {
  test('when the container does not answer pings, and its log says why', async () => {
    await create(request(await register(bench, 'raise ValueError("no such weights")')));
    const job = await ended();
    const [step] = objects(await bench.call('ListInferenceRecommendationsJobSteps', { JobName: 'load' }), 'Steps');
    const reason = expect.stringMatching(/^The primary container .* did not pass the ping health check/);
    expect([job['Status'], job['FailureReason'], step?.['Status'], said()]).toEqual([
      'FAILED',
      reason,
      'FAILED',
      expect.stringContaining('no such weights'),
    ]);
    expect(object(step ?? {}, 'InferenceBenchmark')?.['FailureReason']).toEqual(reason);
  });

  test('when no invocation succeeds', async () => {
    await create(request(await register(bench, `${ECHO}\ndef predict_fn(data, model):\n    raise ValueError('odd')`)));
    const { Status, FailureReason } = await ended();
    expect([Status, FailureReason]).toEqual(['FAILED', expect.stringMatching(/no successful response .*500: .*odd/)]);
  });

  test.each<[AnswerValue<'recommendation'>, RegExp]>([
    ['no-ping', /did not pass the ping health check/],
    [
      'quota',
      /^ResourceLimitExceeded: The account-level service limit 'ml.m5.large for endpoint usage' is 0 Instances/,
    ],
    ['no-capacity', /InsufficientInstanceCapacity/],
    ['instance-type', /Instance type ml.m5.large is not supported/],
    ['no-permission', /assumed-role\/SageMakerRole\/SageMaker is not authorized to perform: sagemaker:CreateEndpoint/],
  ])('as switched: %s', async (value, reason) => {
    answers.set({ recommendation: value });
    await create(request(await register(bench, ECHO)));
    const { Status, FailureReason } = await ended();
    expect([Status, FailureReason]).toEqual(['FAILED', expect.stringMatching(reason)]);
  });
});

test('a stop ends the load, the server and its workers', async () => {
  await bench.close();
  bench = await openBench({ answers, loadTimeScale: 1 });
  await bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' });
  await create(request(await register(bench, ECHO), { stop: { FlatInvocations: 'Continue' } }));
  while (workers().length < 2) await sleep(20);
  await bench.call('StopInferenceRecommendationsJob', { JobName: 'load' });
  const { Status, FailureReason } = await ended();
  await workersGone();
  const steps = objects(await bench.call('ListInferenceRecommendationsJobSteps', { JobName: 'load' }), 'Steps');
  expect([Status, FailureReason, steps.map((step) => step['Status'])]).toEqual(['STOPPED', undefined, ['STOPPED']]);
  expect(await bench.call('StopInferenceRecommendationsJob', { JobName: 'load' })).toEqual({});
});

test('a job that the server died under has failed after the restart', async () => {
  await bench.close();
  const state = memoryState();
  bench = await openBench({ answers, loadTimeScale: 1, state });
  await bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' });
  await create(request(await register(bench, ECHO)));
  const kept = state.load('sagemaker-us-east-1') ?? {};
  await bench.close();
  const other = memoryState();
  other.save('sagemaker-us-east-1', kept);
  bench = await openBench({ answers, state: other });
  expect((await describeJob())['Status']).toBe('FAILED');
});
