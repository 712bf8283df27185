import { beforeEach, describe, expect, test } from '@jest/globals';
import { STATE_NAMES } from '../../src/core/runner.ts';
import { MEASURED, refusedCall } from '../fakes/load-tests.ts';
import { EU, NA, openTested, REGION_OF, type TestedWorld, textOf } from './load-test-world.ts';

let world: TestedWorld;
beforeEach(() => {
  world = openTested();
});

describe('a load test', () => {
  test('is not made where none is asked for', async () => {
    expect(await world.test({ loadTest: 'off' })).toBeUndefined();
    expect([world.tests.calls, world.record.loadTest]).toEqual([[], undefined]);
  });

  test('loads the package of NA once, and tells every package beside what it holds', async () => {
    expect(await world.test()).toBeUndefined();
    expect([new Set(world.asked), world.tests.specs.map(({ packageArn }) => packageArn)]).toEqual([
      new Set(['us-east-1']),
      [NA],
    ]);
    const metadata = {
      git_commit: 'c0ffee',
      load_test: 'passed',
      load_test_invocations_per_minute: '600',
      load_test_latency_ms: '40',
    };
    expect([...world.stored.values()]).toEqual([
      { approval: 'PendingManualApproval', metadata },
      { approval: 'PendingManualApproval', metadata },
    ]);
    expect(world.record.loadTest).toMatchObject({ status: 'passed', region: 'NA', instances_needed: 1 });
  });

  test('loads the first region where there is no package in NA', async () => {
    world = openTested([EU]);
    expect(await world.test()).toBeUndefined();
    expect(world.tests.specs.map(({ packageArn }) => packageArn)).toEqual([EU]);
  });

  test('is left out with a warning where the registry holds no package', async () => {
    world.record.packages = world.record.packages.map((entry) => ({ ...entry, confirmed: false }));
    expect(await world.test({ loadTest: 'report' })).toBeUndefined();
    expect([world.tests.calls, world.warnings.map(({ title }) => title)]).toEqual([[], ['Load test']]);
  });

  test('that is required is red where the registry holds no package', async () => {
    world.record.packages = world.record.packages.map((entry) => ({ ...entry, confirmed: false }));
    const end = await world.test();
    expect([end?.status, end?.error.code, world.tests.calls]).toEqual(['failed', 'load-test-error', []]);
    expect(textOf(end?.error)).toContain('registration_entry_point');
  });

  test('that an earlier run has made is reused; another test of the same package is another job', async () => {
    await world.test();
    const first = world.record.loadTest;
    await world.test();
    expect([world.tests.specs.length, world.record.loadTest]).toEqual([1, first]);
    await world.test({}, { expected_tps: 3 });
    expect(new Set(world.tests.specs.map(({ name }) => name)).size).toBe(2);
  });

  test('whose metadata is denied warns and stays what it is', async () => {
    world.denied.metadata.add(EU);
    expect(await world.test()).toBeUndefined();
    expect(world.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The result of the load test could not be written into the packages: .*AccessDenied/),
    ]);
    expect(world.stored.get(NA)?.metadata['load_test']).toBe('passed');
  });
});

describe('a required load test that a package does not pass', () => {
  test.each([
    ['too few calls', { ...MEASURED, maxInvocationsPerMinute: 100 }, '100 invocations a minute were reached'],
    ['too late', { ...MEASURED, modelLatencyMs: 900 }, 'the model latency was 900 ms'],
  ])('sets it to Rejected in every region: %s', async (_what, metrics, said) => {
    world.tests.plan([[0, { status: 'COMPLETED', metrics }]]);
    const end = await world.test();
    expect([end?.status, end?.error.code]).toEqual(['failed', 'load-test-failed']);
    expect(end?.error.message).toContain(said);
    expect([...world.stored.values()].map(({ approval }) => approval)).toEqual(['Rejected', 'Rejected']);
    expect(world.record.packages.map(({ approval, approvalBefore }) => [approval, approvalBefore])).toEqual([
      ['Rejected', 'PendingManualApproval'],
      ['Rejected', 'PendingManualApproval'],
    ]);
  });

  test.each([
    ['one region', [EU], ['PendingManualApproval', 'Rejected']],
    ['every region', [EU, NA], ['PendingManualApproval', 'PendingManualApproval']],
  ] as const)('is red where %s refuses that, and says what each package is', async (_what, refusing, approvals) => {
    for (const arn of refusing) world.denied.approval.add(arn);
    world.tests.plan([[0, { status: 'COMPLETED', metrics: { ...MEASURED, modelLatencyMs: 900 } }]]);
    const end = await world.test();
    expect([end?.status, end?.error.code]).toEqual(['failed', 'load-test-failed']);
    for (const arn of refusing) expect(end?.error.message).toContain(`${REGION_OF[arn]} ${arn}`);
    expect(end?.error.message).toContain('Not set to Rejected, and still as before');
    expect(end?.error.advice).toContain('approval-status: Rejected');
    expect([...world.stored.values()].map(({ approval }) => approval)).toEqual(approvals);
    expect(world.record.packages.map(({ approval }) => approval)).toEqual(approvals);
  });
});

describe('a load test without a measurement', () => {
  test.each([
    ['FAILED', 'ping', 'did not answer pings'],
    ['FAILED', 'ResourceLimitExceeded: quota', 'Service Quotas'],
    ['FAILED', 'Unable to provision, no capacity', 'run again later'],
    ['FAILED', 'instance type is not supported', 'does not test this instance type'],
    ['FAILED', 'role is not authorized to perform', 'docs/permissions.md'],
    ['STOPPED', undefined, 'the job ended as STOPPED'],
    ['DELETED', undefined, 'the job ended as DELETED'],
    ['COMPLETED', undefined, 'the job ended as COMPLETED'],
    ['UNHEARD', undefined, 'the job ended as UNHEARD'],
  ])('is red where it is required, and rejects nothing: %s, %s', async (status, failureReason, said) => {
    world.tests.plan([[0, { status, failureReason }]]);
    const end = await world.test();
    expect([end?.status, end?.error.code, world.record.loadTest?.status]).toEqual([
      'failed',
      'load-test-error',
      'error',
    ]);
    expect(textOf(end?.error)).toContain(said);
    expect([...world.stored.values()].map(({ approval }) => approval)).toEqual([
      'PendingManualApproval',
      'PendingManualApproval',
    ]);
    expect([world.tests.alive(), world.lines.includes('  | the container said no')]).toEqual([[], true]);
  });

  test.each([
    ['leaves what an earlier test has measured', { load_test: 'failed', load_test_latency_ms: '900' }, 'failed'],
    ['takes the place of one that has measured nothing', { load_test: 'error' }, 'error'],
    ['is told where there was none', {}, 'error'],
  ])('%s', async (_what, before, after) => {
    world.stored.set(NA, { approval: 'PendingManualApproval', metadata: before });
    world.tests.plan([[0, { status: 'FAILED' }]]);
    await world.test({ loadTest: 'report' });
    expect(world.stored.get(NA)?.metadata).toEqual({ ...before, load_test: after });
  });

  test('rejects nothing for the figures of a job that somebody stopped half way', async () => {
    world.tests.plan([
      [0, { status: 'IN_PROGRESS' }],
      [30_000, { status: 'STOPPED', metrics: { ...MEASURED, maxInvocationsPerMinute: 1 } }],
    ]);
    expect((await world.test())?.error.code).toBe('load-test-error');
    expect(world.stored.get(NA)?.approval).toBe('PendingManualApproval');
  });

  test.each([
    ['AccessDeniedException', 'start'],
    ['AccessDeniedException', 'describe'],
    ['ExpiredTokenException', 'describe'],
    ['ValidationException', 'start'],
  ] as const)('since %s is the answer to %s, holds no endpoint and is said', async (name, call) => {
    world.tests.plan([[0, { status: 'IN_PROGRESS' }]]);
    world.tests.fail(call, refusedCall(`${call} the load test`, name));
    const end = await world.test();
    expect([end?.status, end?.error.code]).toEqual(['failed', 'load-test-error']);
    expect(textOf(end?.error)).toContain(`Could not ${call} the load test`);
    expect([world.tests.alive(), world.state[STATE_NAMES.loadTest]]).toEqual([[], '']);
    if (call === 'describe') expect(end?.error.advice).toContain('was stopped; running this job again');
    expect(await world.post()).toEqual([]);
  });
});

describe('load-test: report', () => {
  const nothing = { status: 'FAILED', failureReason: 'quota' } as const;
  const slow = { status: 'COMPLETED', metrics: { ...MEASURED, modelLatencyMs: 900 } } as const;

  test.each([
    ['fails', slow],
    ['measures nothing', nothing],
    ['ends as nobody knows', { status: 'UNHEARD' }],
  ])('never makes the run red nor rejects: a test that %s', async (_what, state) => {
    world.tests.plan([[0, state]]);
    expect(await world.test({ loadTest: 'report' })).toBeUndefined();
    expect(world.warnings.map(({ title }) => title)).toEqual(['Load test']);
    expect(world.stored.get(NA)?.approval).toBe('PendingManualApproval');
  });

  test.each(['start', 'describe', 'stop'] as const)('never makes the run red: %s is denied', async (call) => {
    world.tests.fail(call, refusedCall(`${call} the load test`, 'AccessDeniedException'));
    if (call === 'stop') world.tests.plan([[0, { status: 'UNHEARD' }]]);
    expect(await world.test({ loadTest: 'report' })).toBeUndefined();
    expect(world.warnings.map(({ title }) => title)).toEqual(['Load test']);
  });
});
