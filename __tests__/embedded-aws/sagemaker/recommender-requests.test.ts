import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type AnswerBook, createAnswerBook } from '../../../embedded-aws/answers.ts';
import type { JsonObject } from '../../../embedded-aws/contracts.ts';
import { objects } from '../../../embedded-aws/sagemaker/json.ts';
import { type Bench, openBench, refusal } from './harness.ts';
import { type Change, ECHO, jobEnded, register, request } from './recommender-fixture.ts';

let bench: Bench;
let answers: AnswerBook;
beforeEach(async () => {
  answers = createAnswerBook();
  bench = await openBench({ answers });
  await bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' });
});
afterEach(async () => await bench.close());

const create = (input: JsonObject) => bench.call('CreateInferenceRecommendationsJob', input);

test('jobs are listed by name, status and package; their name is their identity', async () => {
  answers.set({ recommendation: 'quota' });
  const arn = await register(bench, ECHO);
  await create(request(arn));
  await jobEnded(bench);
  expect(await refusal(create(request(arn)))).toMatch(/^ResourceInUse: /);
  const list = async (input: JsonObject) =>
    objects(await bench.call('ListInferenceRecommendationsJobs', input), 'InferenceRecommendationsJobs').map(
      (job) => job['JobName'],
    );
  expect([
    await list({ NameContains: 'loa', StatusEquals: 'FAILED', ModelPackageVersionArnEquals: arn }),
    await list({ StatusEquals: 'COMPLETED' }),
  ]).toEqual([['load'], []]);
  expect(await refusal(bench.call('DescribeInferenceRecommendationsJob', { JobName: 'none' }))).toMatch(
    /^ResourceNotFound: /,
  );
});

describe('a request is refused', () => {
  test.each<[string, Change, RegExp]>([
    ['with too many users at first', { phase: { InitialNumberOfUsers: 4 } }, /between 1 and 3/],
    ['with too many users a minute', { phase: { SpawnRate: 4 } }, /SpawnRate is 4; it should be between 0 and 3/],
    ['with a phase that is too short', { phase: { DurationInSeconds: 60 } }, /between 120 and 3600/],
    ['with a job that is too long', { config: { JobDurationInSeconds: 18_001 } }, /maximum is 18000/],
    [
      'without endpoints',
      { config: { EndpointConfigurations: null } },
      /needs TrafficPattern and EndpointConfigurations/,
    ],
    [
      'with an instance that is none',
      { config: { EndpointConfigurations: [{ InstanceType: 'm5' }] } },
      /enum value set/,
    ],
    [
      'with another percentile',
      { stop: { ModelLatencyThresholds: [{ Percentile: 'P50', ValueInMilliseconds: 1 }] } },
      /P95 and P99/,
    ],
    ['without a package', { config: { ModelPackageVersionArn: null } }, /give ModelPackageVersionArn/],
  ])('%s', async (_, change, message) => {
    const arn = await register(bench, ECHO);
    expect(await refusal(create(request(arn, change)))).toMatch(message);
  });

  test('for a package without what the service reads from it, unless switched', async () => {
    const arn = await register(bench, ECHO, { Domain: null, Task: null });
    const refused = await refusal(create(request(arn)));
    answers.set({ recommendation: 'quota', 'recommendation-package': 'undescribed' });
    expect([refused, await refusal(create(request(arn)))]).toEqual([
      `ValidationException: Domain, Task must be in the model package ${arn}, or in ContainerConfig.`,
      { JobArn: expect.any(String) },
    ]);
    await jobEnded(bench);
  });
});
