import { beforeEach, describe, expect, test } from '@jest/globals';
import { STATE_NAMES } from '../../src/core/runner.ts';
import { refusedCall } from '../fakes/load-tests.ts';
import { HOUR_MS, openTested, type TestedWorld, textOf } from './load-test-world.ts';

let world: TestedWorld;
beforeEach(() => {
  world = openTested();
});

describe('a load test that is given up', () => {
  const RUNNING = [[0, { status: 'IN_PROGRESS' }]] as const;
  const cancelling = () => {
    world.tests.plan(RUNNING);
    world.clock.at(HOUR_MS, () => world.cancel.abort());
  };

  test.each(['require', 'report'] as const)('since the workflow is cancelled is stopped (%s)', async (loadTest) => {
    cancelling();
    const end = await world.test({ loadTest });
    expect([end?.status, end?.error.code, world.tests.alive()]).toEqual(['cancelled', 'cancelled', []]);
    expect(textOf(end?.error)).toContain('was stopped; running this job again starts another one');
    expect([world.clock.nowMs(), await world.post()]).toEqual([HOUR_MS, []]);
  });

  test('with on-cancel: leave goes on, and running again finds its result', async () => {
    cancelling();
    const end = await world.test({ onCancel: 'leave' });
    expect([end?.status, world.tests.alive().length]).toEqual(['cancelled', 1]);
    expect(textOf(end?.error)).toContain('goes on; running this job again finds its result');
    expect([await world.post(), world.tests.alive().length]).toEqual([[], 1]);
  });

  test.each([
    ['stop', 0],
    ['leave', 1],
  ] as const)('since timeout-minutes passed: on-timeout: %s', async (onTimeout, alive) => {
    world.tests.plan(RUNNING);
    const end = await world.test({ onTimeout });
    expect([end?.status, end?.error.code, world.tests.alive().length]).toEqual(['timed-out', 'timed-out', alive]);
    expect([world.clock.nowMs(), await world.post()]).toEqual([6 * HOUR_MS, []]);
  });

  test('and cannot be stopped is said, and post stops it', async () => {
    cancelling();
    world.tests.fail('stop', refusedCall('stop the load test', 'AccessDeniedException'), HOUR_MS + 1);
    const end = await world.test();
    expect([end?.status, world.tests.alive().length]).toEqual(['cancelled', 1]);
    expect(textOf(end?.error)).toContain('could not be stopped and may go on, and with it an endpoint');
    await world.clock.sleep(60_000);
    expect((await world.post()).join('\n')).toContain('asked AWS to stop bsm-load-test-');
    expect(world.tests.alive()).toEqual([]);
  });

  test('before it began starts nothing', async () => {
    world.cancel.abort();
    expect((await world.test())?.status).toBe('cancelled');
    expect(world.tests.calls).toEqual([]);
  });
});

describe('post', () => {
  const left = (onCancel = 'stop') => JSON.stringify({ region: 'us-east-1', name: 'bsm-load-test-1', onCancel });
  const RUNNING = [[0, { status: 'IN_PROGRESS' }]] as const;

  test('stops the load test that a killed main left behind', async () => {
    world.tests.add('bsm-load-test-1', RUNNING);
    world.state[STATE_NAMES.loadTest] = left();
    expect(await world.post()).toEqual(['The run ended before its load test did; asked AWS to stop bsm-load-test-1']);
    expect(world.tests.alive()).toEqual([]);
  });

  test.each([
    ['there is no such job', undefined, left()],
    ['it has ended', 'COMPLETED', left()],
    ['it was stopped', 'STOPPED', left()],
    ['on-cancel is leave', 'IN_PROGRESS', left('leave')],
    ['main came to its end', 'IN_PROGRESS', ''],
    ['the state is garbled', 'IN_PROGRESS', '{'],
  ])('is silent and stops nothing where %s', async (_why, status, state) => {
    if (status !== undefined) world.tests.add('bsm-load-test-1', [[0, { status }]]);
    world.state[STATE_NAMES.loadTest] = state;
    expect(await world.post()).toEqual([]);
    expect(world.tests.calls.filter(({ call }) => call === 'stop')).toEqual([]);
  });

  test('stops it also where it may not look', async () => {
    world.tests.add('bsm-load-test-1', RUNNING);
    world.state[STATE_NAMES.loadTest] = left();
    world.tests.fail('describe', refusedCall('describe', 'AccessDeniedException'));
    expect(await world.post()).toHaveLength(1);
    expect(world.tests.alive()).toEqual([]);
  });

  test('warns where it may not stop, and does not fail', async () => {
    world.tests.add('bsm-load-test-1', RUNNING);
    world.state[STATE_NAMES.loadTest] = left();
    world.tests.fail('stop', refusedCall('stop the load test', 'AccessDeniedException'));
    expect((await world.post())[0]).toMatch(/^The load test bsm-load-test-1 may still run, and with it an endpoint: /);
  });
});
