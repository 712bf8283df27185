import { describe, expect, test } from '@jest/globals';
import type { Aws, ExecutionStatus } from '../../src/aws/types.ts';
import type { Plan } from '../../src/plan/types.ts';
import { endedExecutions } from '../../src/registry/history.ts';
import { fakeClock } from '../fakes/clock.ts';

const PLAN = { fingerprint: 'f'.repeat(64), pipeline: { name: 'p' } } as unknown as Plan;

function world(statusAt: (nowMs: number) => ExecutionStatus, requestsOfOne = 1) {
  const clock = fakeClock();
  let requests = 0;
  const recent = () => {
    requests += requestsOfOne;
    return Promise.resolve([
      { arn: 'ours', displayName: `${'f'.repeat(12)}-a-1`, description: '', status: statusAt(clock.nowMs()) },
      { arn: 'other', displayName: `${'e'.repeat(12)}-a-1`, description: '', status: 'Stopping' as const },
    ]);
  };
  const cancel = new AbortController();
  const aws = { pipelines: { recent }, requestsMade: () => requests } as unknown as Aws;
  const runner = { info: () => undefined };
  return { clock, cancel, context: { aws, clock, cancelled: cancel.signal, deadlineMs: 3_600_000, runner } };
}

describe('looking back at executions of the same package', () => {
  test('waits for one that is stopping: it may still register', async () => {
    const { clock, context } = world((now) => (now < 60_000 ? 'Stopping' : 'Stopped'));
    expect((await endedExecutions(PLAN, context)).map(({ arn }) => arn)).toEqual(['ours']);
    expect(clock.nowMs()).toBe(60_000);
  });

  test('does not count one that runs, and does not wait for it: it will be followed', async () => {
    const { clock, context } = world(() => 'Executing');
    expect([await endedExecutions(PLAN, context), clock.nowMs()]).toEqual([[], 0]);
  });

  test.each([1, 4])('asks calmly after five minutes, where one question takes %d requests', async (requests) => {
    const { clock, context } = world((now) => (now < 1_800_000 ? 'Stopping' : 'Stopped'), requests);
    await endedExecutions(PLAN, context);
    const long = clock.slept.slice(30 + 24);
    expect(long.length * requests).toBeLessThanOrEqual(4 * 26);
    expect(Math.min(...long)).toBe(Math.max(30_000, requests * 15_000));
  });

  test('waits no longer than until the workflow is cancelled', async () => {
    const { cancel, clock, context } = world(() => 'Stopping');
    clock.at(7_000, () => cancel.abort());
    await expect(endedExecutions(PLAN, context)).rejects.toMatchObject({ code: 'cancelled' });
  });
});
