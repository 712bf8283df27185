import { describe, expect, test } from '@jest/globals';
import type { LoadTestSpec } from '../../src/aws/types.ts';
import { followLoadTest } from '../../src/monitor/load-test.ts';
import { fakeClock, type FakeClock } from '../fakes/clock.ts';
import { MEASURED, memoryLoadTests, type MemoryLoadTests, refusedCall } from '../fakes/load-tests.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SPEC: LoadTestSpec = {
  name: 'bsm-load-test-1',
  description: 'a test',
  packageArn: 'arn:package',
  roleArn: 'arn:role',
  instanceType: 'ml.m5.large',
  initialUsers: 1,
  spawnRate: 1,
  durationSeconds: 600,
  jobDurationSeconds: 4200,
  maxInvocationsPerMinute: 132,
  maxLatencyMs: 800,
  kmsKey: undefined,
};

interface Given {
  readonly clock: FakeClock;
  readonly tests: MemoryLoadTests;
}

function given(): Given {
  const clock = fakeClock();
  return { clock, tests: memoryLoadTests(clock) };
}

async function follow(
  { clock, tests }: Given,
  options: { readonly deadlineMs?: number; readonly cancelled?: AbortSignal } = {},
) {
  const lines: string[] = [];
  const names: string[] = [];
  const outcome = await followLoadTest(SPEC, {
    tests,
    requestsMade: () => 0,
    clock,
    log: (line) => lines.push(line),
    onName: (name) => names.push(name),
    deadlineMs: options.deadlineMs ?? 24 * HOUR_MS,
    cancelled: options.cancelled ?? new AbortController().signal,
  });
  return { outcome, lines, names };
}

describe('followLoadTest', () => {
  test('starts the job, tells every status once, and hands over what was measured', async () => {
    const { outcome, lines, names } = await follow(given());
    expect(outcome).toMatchObject({ kind: 'ended', name: SPEC.name, state: { metrics: MEASURED } });
    expect(lines).toEqual([
      'Load test    bsm-load-test-1 started on 1 x ml.m5.large',
      'Load test    PENDING',
      'Load test    IN_PROGRESS after 10 s',
      'Load test    COMPLETED after 60 s',
    ]);
    expect(names).toEqual([SPEC.name]);
  });

  test.each(['COMPLETED', 'FAILED', 'STOPPED', 'DELETED'])('ends at once when the job is %s', async (status) => {
    const world = given();
    world.tests.plan([[0, { status, metrics: MEASURED }]]);
    expect((await follow(world)).outcome).toMatchObject({ kind: 'ended', state: { status } });
    expect(world.tests.calls.map(({ call }) => call)).toEqual(['start', 'describe']);
  });

  test.each(['PENDING', 'IN_PROGRESS', 'STOPPING', 'DELETING'])('goes on while the job is %s', async (status) => {
    const world = given();
    world.tests.plan([
      [0, { status }],
      [HOUR_MS, { status: 'COMPLETED', metrics: MEASURED }],
    ]);
    expect((await follow(world)).outcome).toMatchObject({ kind: 'ended', state: { status: 'COMPLETED' } });
    expect(world.clock.nowMs()).toBeGreaterThanOrEqual(HOUR_MS);
  });

  test('takes a status that nobody knows for an end at the second look', async () => {
    const world = given();
    world.tests.plan([[0, { status: 'UNHEARD' }]]);
    expect((await follow(world)).outcome).toMatchObject({ kind: 'ended', state: { status: 'UNHEARD' } });
    expect(world.tests.calls.filter(({ call }) => call === 'describe')).toHaveLength(2);
  });

  test('takes it for none where the next look shows another', async () => {
    const world = given();
    world.tests.plan([
      [0, { status: 'UNHEARD' }],
      [4_000, { status: 'IN_PROGRESS' }],
      [MINUTE_MS, { status: 'COMPLETED', metrics: MEASURED }],
    ]);
    expect((await follow(world)).outcome).toMatchObject({ state: { status: 'COMPLETED' } });
  });

  test('ends where SageMaker does not know the job any more, and not at a look that comes too early', async () => {
    const world = given();
    const describe = world.tests.describe.bind(world.tests);
    const gone = (name: string) =>
      world.clock.nowMs() < 10_000 || world.clock.nowMs() > 5 * MINUTE_MS ? Promise.resolve(undefined) : describe(name);
    world.tests.plan([[0, { status: 'IN_PROGRESS' }]]);
    const { outcome } = await follow({ ...world, tests: { ...world.tests, describe: gone } });
    expect(outcome).toMatchObject({
      kind: 'ended',
      state: { failureReason: 'SageMaker does not know the job bsm-load-test-1 any more' },
    });
    expect(world.clock.nowMs()).toBeGreaterThan(5 * MINUTE_MS);
  });

  test('times out at its deadline, not a poll later', async () => {
    const world = given();
    world.tests.plan([[0, { status: 'IN_PROGRESS' }]]);
    const { outcome } = await follow(world, { deadlineMs: 17 * MINUTE_MS + 1 });
    expect([outcome.kind, world.clock.nowMs()]).toEqual(['timed-out', 17 * MINUTE_MS + 1]);
  });

  test('wakes at once when the workflow is cancelled', async () => {
    const world = given();
    const cancel = new AbortController();
    world.tests.plan([[0, { status: 'IN_PROGRESS' }]]);
    world.clock.at(HOUR_MS + 1, () => cancel.abort());
    const { outcome } = await follow(world, { cancelled: cancel.signal });
    expect([outcome.kind, world.clock.nowMs()]).toEqual(['cancelled', HOUR_MS + 1]);
  });

  test('says every five minutes that it goes on', async () => {
    const world = given();
    world.tests.plan([[0, { status: 'IN_PROGRESS' }]]);
    const { lines } = await follow(world, { deadlineMs: HOUR_MS });
    const beats = lines.filter((line) => line.startsWith('Load test    still IN_PROGRESS after '));
    expect([beats.length >= 10, beats.length <= 12]).toEqual([true, true]);
  });
});

describe('polling', () => {
  /** How many calls each minute has after the first five. */
  const minutes = ({ tests }: Given): ReadonlyMap<number, number> => {
    const counts = new Map<number, number>();
    for (const { atMs } of tests.calls.filter((call) => call.atMs >= 5 * MINUTE_MS)) {
      const minute = Math.floor(atMs / MINUTE_MS);
      counts.set(minute, (counts.get(minute) ?? 0) + 1);
    }
    return counts;
  };

  test('is quick for two minutes, since mistakes fail early', async () => {
    const world = given();
    world.tests.plan([
      [0, { status: 'PENDING' }],
      [90_000, { status: 'FAILED', failureReason: 'no quota' }],
    ]);
    await follow(world);
    expect(world.clock.nowMs()).toBeLessThanOrEqual(95_000);
  });

  test('makes at most four requests a minute after five minutes, for hours', async () => {
    const world = given();
    world.tests.plan([[0, { status: 'IN_PROGRESS' }]]);
    await follow(world, { deadlineMs: 5 * HOUR_MS });
    expect([...minutes(world).values()].filter((calls) => calls > 4)).toEqual([]);
    expect(minutes(world).size).toBeGreaterThan(290);
  });

  test.each(['ThrottlingException', 'InternalFailure', 'ECONNRESET', 'ConflictException'])(
    'goes on after polls that fail by %s, at most one a minute once calm, since each is four requests',
    async (name) => {
      const world = given();
      const cause = Object.assign(refusedCall('describe', name).cause as Error, { $metadata: { httpStatusCode: 500 } });
      const passing = Object.assign(refusedCall('describe the load test', name), { cause });
      world.tests.plan([
        [0, { status: 'IN_PROGRESS' }],
        [2 * HOUR_MS, { status: 'COMPLETED', metrics: MEASURED }],
      ]);
      world.tests.fail('describe', passing, HOUR_MS);
      const { outcome, lines } = await follow(world);
      expect(outcome).toMatchObject({ kind: 'ended', state: { status: 'COMPLETED' } });
      expect(lines.filter((line) => line.includes('will be repeated')).length).toBeGreaterThan(10);
      const failed = [...minutes(world)].filter(([minute]) => minute < 60);
      expect(failed.filter(([, calls]) => calls > 1)).toEqual([]);
    },
  );

  test('gives up when a poll is denied', async () => {
    const world = given();
    const denied = refusedCall('describe the load test', 'AccessDeniedException');
    world.tests.fail('describe', denied);
    await expect(follow(world)).rejects.toBe(denied);
  });
});

describe('a job of the same name', () => {
  test('that runs is attached to: an earlier run was lost', async () => {
    const world = given();
    world.tests.add(SPEC.name, [
      [0, { status: 'IN_PROGRESS' }],
      [MINUTE_MS, { status: 'COMPLETED', metrics: MEASURED }],
    ]);
    const { outcome, lines } = await follow(world);
    expect(outcome).toMatchObject({ kind: 'ended', name: SPEC.name, state: { metrics: MEASURED } });
    expect(lines[0]).toBe('Load test    bsm-load-test-1 was started before (IN_PROGRESS)');
    expect(world.tests.specs).toEqual([]);
  });

  test('that has measured is not repeated', async () => {
    const world = given();
    world.tests.add(SPEC.name, [[0, { status: 'COMPLETED', metrics: MEASURED }]]);
    expect((await follow(world)).outcome).toMatchObject({ name: SPEC.name, state: { metrics: MEASURED } });
    expect([world.tests.specs, world.clock.nowMs()]).toEqual([[], 0]);
  });

  test.each([
    ['FAILED', undefined],
    ['STOPPED', undefined],
    ['STOPPED half way, with figures of that half', MEASURED],
    ['DELETED', undefined],
    ['COMPLETED without a measurement', undefined],
    ['COMPLETED with half a measurement', { ...MEASURED, modelLatencyMs: undefined }],
  ])('that is %s is spent: the next one gets a number', async (what, metrics) => {
    const world = given();
    world.tests.add(SPEC.name, [[0, { status: what.split(' ', 1)[0] ?? '', metrics }]]);
    world.tests.add(`${SPEC.name}-2`, [[0, { status: 'FAILED' }]]);
    const { outcome, names } = await follow(world);
    expect(outcome).toMatchObject({ name: `${SPEC.name}-3`, state: { metrics: MEASURED } });
    expect(names).toEqual([SPEC.name, `${SPEC.name}-2`, `${SPEC.name}-3`]);
  });

  test.each(['COMPLETED', 'IN_PROGRESS'])('of another package is left alone: %s', async (status) => {
    const world = given();
    world.tests.add(SPEC.name, [[0, { status, metrics: MEASURED, packageArn: 'arn:other' }]]);
    expect((await follow(world)).outcome).toMatchObject({ name: `${SPEC.name}-2`, state: { metrics: MEASURED } });
    world.tests.add(SPEC.name, [[0, { status, metrics: MEASURED, packageArn: SPEC.packageArn.toUpperCase() }]]);
    world.clock.at(world.clock.nowMs() + HOUR_MS, () => world.tests.add(SPEC.name, [[0, { status: 'STOPPED' }]]));
    expect((await follow(world)).outcome).toMatchObject({ name: SPEC.name });
  });

  test('that is just being stopped is waited for, since its endpoint counts, and then another is started', async () => {
    const world = given();
    world.tests.add(SPEC.name, [
      [0, { status: 'STOPPING' }],
      [4 * MINUTE_MS, { status: 'STOPPED' }],
    ]);
    const { outcome } = await follow(world);
    expect(outcome).toMatchObject({ name: `${SPEC.name}-2`, state: { metrics: MEASURED } });
    const started = world.tests.calls.find(({ call, name }) => call === 'start' && name === `${SPEC.name}-2`);
    expect(started?.atMs).toBeGreaterThanOrEqual(4 * MINUTE_MS);
  });

  test('is tried nine times at most', async () => {
    const world = given();
    for (let number = 1; number < 20; number += 1) {
      world.tests.add(number === 1 ? SPEC.name : `${SPEC.name}-${number}`, [[0, { status: 'FAILED' }]]);
    }
    expect((await follow(world)).outcome).toMatchObject({ name: `${SPEC.name}-9`, state: { status: 'FAILED' } });
  });
});

describe('a start that fails', () => {
  test.each([
    ['AccessDeniedException', [SPEC.name, '']],
    ['ValidationException', [SPEC.name, '']],
    ['ThrottlingException', [SPEC.name]],
    ['ECONNRESET', [SPEC.name]],
  ])('by %s leaves a name to be stopped only where the job may run', async (name, expected) => {
    const world = given();
    world.tests.fail('start', refusedCall('start the load test', name));
    const names: string[] = [];
    const started = followLoadTest(SPEC, {
      ...world,
      requestsMade: () => 0,
      log: () => undefined,
      onName: (given) => names.push(given),
      deadlineMs: HOUR_MS,
      cancelled: new AbortController().signal,
    });
    await expect(started).rejects.toThrow(name);
    expect(names).toEqual(expected);
  });
});
