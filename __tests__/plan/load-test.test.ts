import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeLoadTest, loadTestCostSentence, loadTestSpec, planLoadTest } from '../../src/plan/load-test.ts';
import { MEASURED } from '../fakes/load-tests.ts';
import { exampleConfig } from './fixture.ts';

/** 32 bits, which all integers of the API have. */
const LARGEST = 2 ** 31 - 1;
const AT = { region: 'NA', job: 'bsm-load-test-1' };
const TARGET = { packageArn: 'arn:package', fingerprint: 'f1', roleArn: 'arn:role', kmsKey: undefined };

const planOf = (payload: Readonly<Record<string, number>>) => planLoadTest(exampleConfig({ payload }), 'ml.m5.large');

describe('planLoadTest', () => {
  const payloads = fc.record(
    {
      expected_tps: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
      max_latency_in_millisecond: fc.integer({ min: 100, max: 10_000 }),
      load_test_users: fc.integer({ min: 1, max: 6 }),
      load_test_duration_seconds: fc.integer({ min: 120, max: 3600 }),
    },
    { requiredKeys: [] },
  );

  test('asks for nothing that the API refuses, whatever the configuration allows', () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        const spec = loadTestSpec(planOf(payload), TARGET);
        expect(spec.name).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,61}$/);
        const bounds = [
          [spec.initialUsers, 1, 3],
          [spec.spawnRate, 0, 3],
          [spec.durationSeconds, 120, 3600],
          [spec.jobDurationSeconds, spec.durationSeconds + 1, 18_000],
          [spec.maxInvocationsPerMinute, 1, LARGEST],
          [spec.maxLatencyMs, 100, 10_000],
        ] as const;
        const outside = bounds.filter(
          ([value, min, max]) => !Number.isSafeInteger(value) || value < min || value > max,
        );
        expect(outside).toEqual([]);
      }),
    );
  });

  test('has all users there after half of the duration, or within the minute in which half of it passes', () => {
    fc.assert(
      fc.property(payloads, (payload) => {
        const { durationSeconds, initialUsers, spawnRate, users } = planOf(payload);
        expect(initialUsers + spawnRate * (durationSeconds / 120)).toBeGreaterThanOrEqual(users);
      }),
    );
  });

  test.each([
    ['by default: 2 calls a second of 0.8 s', {}, { users: 2, initialUsers: 2, spawnRate: 1, durationSeconds: 600 }],
    ['one call a second, quick', { expected_tps: 1, max_latency_in_millisecond: 100 }, { users: 1, initialUsers: 1 }],
    [
      'as long as the users take to come, 3 a minute',
      { expected_tps: 30, max_latency_in_millisecond: 2000 },
      { users: 60, spawnRate: 3, durationSeconds: 2280 },
    ],
    ['users as they are given', { load_test_users: 7 }, { users: 7, initialUsers: 3, durationSeconds: 600 }],
    ['many users as they are given', { load_test_users: 93 }, { users: 93, spawnRate: 3, durationSeconds: 3600 }],
    ['no more users than can come', { expected_tps: 100_000 }, { users: 93, spawnRate: 3, durationSeconds: 3600 }],
    [
      'no more users than can come in a time that is given',
      { expected_tps: 100, load_test_duration_seconds: 120 },
      { users: 6, spawnRate: 3, durationSeconds: 120, jobDurationSeconds: 3720 },
    ],
    ['a long test', { load_test_duration_seconds: 3600 }, { durationSeconds: 3600, jobDurationSeconds: 7200 }],
  ])('%s', (_what, payload, expected) => {
    expect(planOf(payload)).toMatchObject(expected);
  });

  test('names the job by the package and the test; a version that was counted anew is another package', () => {
    const name = (payload: Readonly<Record<string, number>>, more: Partial<typeof TARGET> = {}) =>
      loadTestSpec(planOf(payload), { ...TARGET, ...more }).name;
    expect(name({})).toBe(name({}));
    const others = [
      name({ expected_tps: 3 }),
      name({ load_test_users: 9 }),
      name({}, { packageArn: 'arn:other' }),
      name({}, { fingerprint: 'f2' }),
    ];
    expect(new Set([name({}), ...others]).size).toBe(5);
  });

  test('says what it costs, and where its users are too few for answers as slow as is acceptable', () => {
    const cost =
      'The load test runs 1 x ml.m5.large for about 10 minutes, and 10 to 20 more to come up and go; SageMaker Inference Recommender makes the endpoint and removes it.';
    expect(loadTestCostSentence(planOf({}))).toBe(cost);
    expect(loadTestCostSentence(planOf({ expected_tps: 100, load_test_duration_seconds: 600 }))).toBe(
      `${cost} Its 18 users reach 100 calls a second only where an answer takes at most 180 ms.`,
    );
  });
});

describe('judgeLoadTest', () => {
  const judge = (metrics: typeof MEASURED | undefined, status = 'COMPLETED', failureReason?: string) =>
    judgeLoadTest(planOf({ expected_tps: 5 }), { status, failureReason, metrics }, AT);

  test.each([
    ['what is expected, exactly', { maxInvocationsPerMinute: 300, modelLatencyMs: 800 }, 'passed', 1],
    ['one call too few', { maxInvocationsPerMinute: 299 }, 'failed', 2],
    ['a millisecond too late', { modelLatencyMs: 801 }, 'failed', 1],
    ['nothing answered', { maxInvocationsPerMinute: 0 }, 'failed', null],
    ['no latency told', { modelLatencyMs: undefined }, 'error', 1],
    ['no invocations told', { maxInvocationsPerMinute: undefined }, 'error', null],
  ])('%s', (_what, metrics, status, instances) => {
    expect(judge({ ...MEASURED, ...metrics })).toMatchObject({ status, instances_needed: instances });
  });

  test.each(['STOPPED', 'FAILED', 'UNHEARD'])('takes no figures of a job that is %s', (status) => {
    expect(judge(MEASURED, status)).toMatchObject({
      status: 'error',
      max_invocations_per_minute: null,
      reasons: [`the job ended as ${status} and reported no whole measurement`],
    });
  });

  test('says what the service says', () => {
    expect(judge(undefined, 'FAILED', 'no capacity').reasons).toEqual(['no capacity']);
  });
});
