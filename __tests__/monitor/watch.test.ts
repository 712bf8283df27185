import { describe, expect, test } from '@jest/globals';
import type { ExecutionStatus, Pipelines } from '../../src/aws/types.ts';
import { DeployError } from '../../src/core/errors.ts';
import type { StepState } from '../../src/core/runner.ts';
import { pollDelayMs, watchExecution } from '../../src/monitor/watch.ts';
import { fakeClock, type FakeClock } from '../fakes/clock.ts';

const ARN = 'arn:aws:sagemaker:us-east-1:123456789012:pipeline/p/execution/e';
const HOUR_MS = 3_600_000;

function step(overrides: Partial<StepState>): StepState {
  return {
    name: 'PackagingStep',
    status: 'Executing',
    startedAtMs: 0,
    endedAtMs: undefined,
    failureReason: undefined,
    attempts: 1,
    cachedFrom: undefined,
    modelArn: undefined,
    jobArn: undefined,
    packageArn: undefined,
    ...overrides,
  };
}

interface World {
  readonly clock: FakeClock;
  readonly statusAt: (nowMs: number) => ExecutionStatus;
  readonly stepsAt?: (nowMs: number) => readonly StepState[];
  readonly failAt?: (nowMs: number) => Error | undefined;
  /** How long the execution's answer is on its way, as after throttling. */
  readonly lateMs?: number;
  /** How many requests one look takes, those counted in that are made again. */
  readonly requestsOfLook?: number;
}

async function watch(
  { clock, statusAt, stepsAt, failAt, lateMs = 0, requestsOfLook = 2 }: World,
  options: { deadlineMs?: number; cancelled?: AbortSignal } = {},
) {
  const lines: string[] = [];
  let looks = 0;
  const pipelines: Pick<Pipelines, 'execution' | 'steps'> = {
    async execution() {
      looks += 1;
      const error = failAt?.(clock.nowMs());
      if (error !== undefined) throw error;
      if (lateMs > 0) await clock.sleep(lateMs);
      return { status: statusAt(clock.nowMs()), versionId: 1, failureReason: undefined, displayName: 'x' };
    },
    steps: () => Promise.resolve(stepsAt?.(clock.nowMs()) ?? []),
  };
  const outcome = await watchExecution(ARN, 0, {
    pipelines: pipelines as Pipelines,
    requestsMade: () => looks * requestsOfLook,
    clock,
    log: (line) => lines.push(line),
    show: () => undefined,
    deadlineMs: options.deadlineMs ?? 24 * HOUR_MS,
    cancelled: options.cancelled ?? new AbortController().signal,
    random: () => 0.5,
  });
  return { outcome, lines, looks, endedAtMs: clock.nowMs() };
}

function throttled(): Error {
  const cause = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  return new DeployError('aws-error', 'Could not describe', { cause });
}

describe('watchExecution', () => {
  test.each([
    ['Succeeded', 'succeeded'],
    ['Failed', 'failed'],
    ['Stopped', 'stopped'],
  ] as const)('ends when the execution is %s', async (status, kind) => {
    const { outcome } = await watch({ clock: fakeClock(), statusAt: (now) => (now > 5_000 ? status : 'Executing') });
    expect(outcome.kind).toBe(kind);
  });

  test('does not take Stopping for an end', async () => {
    const { endedAtMs } = await watch({
      clock: fakeClock(),
      statusAt: (now) => (now > 40_000 ? 'Stopped' : 'Stopping'),
    });
    expect(endedAtMs).toBeGreaterThan(40_000);
  });

  test.each([1_000, 9_000, 31_000, 59_000])('sees an end after %d ms within 2 s of it', async (endMs) => {
    const { endedAtMs } = await watch({
      clock: fakeClock(),
      statusAt: (now) => (now >= endMs ? 'Succeeded' : 'Executing'),
    });
    expect(endedAtMs - endMs).toBeLessThanOrEqual(2_000);
  });

  test('asks at most four times a minute once calm, for hours', async () => {
    const { looks } = await watch({
      clock: fakeClock(),
      statusAt: (now) => (now >= 5 * HOUR_MS ? 'Succeeded' : 'Executing'),
    });
    expect(looks * 2).toBeLessThan(5 * 60 * 4 + 200);
  });

  test('goes on after polls that fail in a way that passes', async () => {
    const failAt = (now: number) => (now > 10_000 && now < HOUR_MS ? throttled() : undefined);
    const { outcome } = await watch({
      clock: fakeClock(),
      failAt,
      statusAt: (now) => (now > HOUR_MS ? 'Succeeded' : 'Executing'),
    });
    expect(outcome.kind).toBe('succeeded');
  });

  test('knows the steps as they were at the end, however late the answer that it has ended comes', async () => {
    const last = step({ name: 'Registration_NA', status: 'Succeeded', startedAtMs: 900, endedAtMs: 950 });
    const { outcome } = await watch({
      clock: fakeClock(),
      lateMs: 5_000,
      statusAt: (now) => (now >= 1_000 ? 'Succeeded' : 'Executing'),
      stepsAt: (now) => (now >= 900 ? [last] : []),
    });
    expect(outcome).toEqual({ kind: 'succeeded', steps: [last] });
  });

  test('gives up when a poll is denied', async () => {
    const denied = new DeployError('access-denied', 'no', {
      cause: Object.assign(new Error('no'), { name: 'AccessDeniedException' }),
    });
    await expect(watch({ clock: fakeClock(), failAt: () => denied, statusAt: () => 'Executing' })).rejects.toBe(denied);
  });

  test('times out at its deadline, not a poll later', async () => {
    const { outcome, endedAtMs } = await watch(
      { clock: fakeClock(), statusAt: () => 'Executing' },
      { deadlineMs: 7 * 60_000 },
    );
    expect([outcome.kind, endedAtMs]).toEqual(['timed-out', 7 * 60_000]);
  });

  test('wakes at once when the workflow is cancelled', async () => {
    const clock = fakeClock();
    const cancel = new AbortController();
    clock.at(HOUR_MS + 1, () => cancel.abort());
    const { outcome, endedAtMs } = await watch({ clock, statusAt: () => 'Executing' }, { cancelled: cancel.signal });
    expect([outcome.kind, endedAtMs]).toEqual(['cancelled', HOUR_MS + 1]);
  });

  test('tells every change of a step once, with its duration', async () => {
    const stepsAt = (now: number) => [
      now < 20_000
        ? step({})
        : step({ status: 'Failed', endedAtMs: 20_000, attempts: 2, failureReason: 'ClientError: disk full' }),
    ];
    const { lines } = await watch({
      clock: fakeClock(),
      stepsAt,
      statusAt: (now) => (now > 30_000 ? 'Failed' : 'Executing'),
    });
    expect(lines).toEqual([
      'PackagingStep            Executing',
      'PackagingStep            Failed    after 20 s (attempt 2) - ClientError: disk full',
    ]);
  });
});

describe('the heartbeat', () => {
  test('says every five minutes that a long step goes on, and how much time is left near the end', async () => {
    const { lines } = await watch(
      { clock: fakeClock(), statusAt: () => 'Executing', stepsAt: () => [step({})] },
      { deadlineMs: 2 * HOUR_MS },
    );
    const [first = '', ...beats] = lines;
    expect(first).toBe('PackagingStep            Executing');
    expect(beats.length).toBeGreaterThanOrEqual(20);
    expect(beats.length).toBeLessThanOrEqual(24);
    expect(beats[0]).toMatch(/^Still running after 5 min \d+ s: PackagingStep for 5 min \d+ s$/);
    expect(beats.at(-1)).toMatch(/; \d+ (min \d+ )?s left of timeout-minutes$|; \d\.\d s left of timeout-minutes$/);
    expect(beats.filter((line) => line.includes('left')).length).toBeLessThanOrEqual(4);
  });

  test('is silent while steps change', async () => {
    const { lines } = await watch({
      clock: fakeClock(),
      statusAt: (now) => (now > HOUR_MS ? 'Succeeded' : 'Executing'),
      stepsAt: (now) => [step({ attempts: 1 + Math.floor(now / 120_000) })],
    });
    expect(lines.filter((line) => line.startsWith('Still'))).toEqual([]);
  });
});

describe('pollDelayMs', () => {
  test.each([
    [{ sinceStartMs: 0, failures: 0, random: 0 }, 500],
    [{ sinceStartMs: 59_000, failures: 0, random: 0.999 }, 1_875],
    [{ sinceStartMs: 120_000, failures: 0, random: 0 }, 10_000],
    [{ sinceStartMs: 600_000, failures: 0, random: 0 }, 30_000],
    [{ sinceStartMs: 0, failures: 1, random: 0 }, 2_000],
    [{ sinceStartMs: 0, failures: 20, random: 0 }, 120_000],
  ])('after %j waits about %d ms', (since, expected) => {
    expect(pollDelayMs(since)).toBeCloseTo(expected, -1);
  });
});

describe('a status that nobody knows', () => {
  test.each(['CompletedWithFailures', 'Unheard'])('is an end at the second look: %s', async (status) => {
    const { outcome, looks } = await watch({ clock: fakeClock(), statusAt: () => status });
    expect(outcome).toMatchObject({ kind: 'failed', reason: `it ended as ${status}; expected Succeeded` });
    expect(looks).toBe(2);
  });

  test('is none where the next look shows another', async () => {
    const { outcome } = await watch({
      clock: fakeClock(),
      statusAt: (now) => (now < 400 ? 'Unheard' : now < 5_000 ? 'Executing' : 'Succeeded'),
    });
    expect(outcome.kind).toBe('succeeded');
  });
});

describe('after five minutes', () => {
  test.each([
    ['one page of steps', { failures: 0, requests: 2 }, 2],
    ['three pages of steps', { failures: 0, requests: 4 }, 4],
    ['failed looks, which the SDK repeats', { failures: 1, requests: 4 }, 4],
    ['failed looks whose both questions are repeated', { failures: 1, requests: 8 }, 8],
    ['failed looks that answers without sense make long', { failures: 3, requests: 16 }, 16],
  ])('at most four requests a minute are made: %s', (_what, given, requests) => {
    const delayMs = pollDelayMs({ sinceStartMs: 300_000, random: 0, ...given });
    expect((requests * 60_000) / delayMs).toBeLessThanOrEqual(4);
  });

  test.each([
    ['one of two requests', 2, false],
    ['every request made again', 8, false],
    ['looks that fail', 8, true],
  ])('a whole hour holds to it: %s', async (_what, requestsOfLook, fails) => {
    const clock = fakeClock();
    const times: number[] = [];
    const failAt = (nowMs: number) => {
      times.push(nowMs);
      return fails ? Object.assign(new Error('slow down'), { name: 'ThrottlingException' }) : undefined;
    };
    await watch({ clock, statusAt: () => 'Executing', failAt, requestsOfLook }, { deadlineMs: HOUR_MS });
    const late = times.filter((nowMs) => nowMs >= 300_000);
    // The last look is at the deadline, whenever the one before it was.
    expect((late.length - 2) * requestsOfLook).toBeLessThanOrEqual(4 * 55);
  });
});
