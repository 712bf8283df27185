import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runInProcess } from '../harness/in-process.ts';
import { MODEL_URI, openWorld, testPython, type World } from './world.ts';

const hasTorch = spawnSync(testPython(), ['-c', 'import torch']).status === 0;
if (!hasTorch) console.warn('SKIPPED: without PyTorch no package can be loaded.');
const suite = hasTorch ? describe : describe.skip;

let world: World;
beforeEach(async () => {
  world = await openWorld();
  world.configure(({ package: packaging, payload }) => {
    Object.assign(packaging ?? {}, { verify: false });
    Object.assign(payload ?? {}, {
      expected_tps: 1,
      max_latency_in_millisecond: 10_000,
      load_test_duration_seconds: 120,
    });
  });
});
afterEach(() => world.close());

const deploy = (inputs: Readonly<Record<string, string>>) =>
  runInProcess({
    workspace: world.workspace,
    url: world.aws.url,
    inputs: { 'config-path': 'config.json', 'model-s3-path': MODEL_URI, ...inputs },
  });

const resultOf = (run: { readonly outputs: Readonly<Record<string, string>> }) =>
  JSON.parse(run.outputs['load-test'] ?? 'null') as Record<string, unknown> | null;

suite('a load test after the registration', () => {
  test('measures the package, and its result is reused by the next run', async () => {
    const first = await deploy({ 'load-test': 'require' });
    expect([first.errors, first.status]).toEqual([[], 'succeeded']);
    expect(resultOf(first)).toMatchObject({
      status: 'passed',
      region: 'NA',
      job: expect.stringMatching(/^bsm-load-test-[0-9a-f]{24}$/),
      max_invocations_per_minute: expect.any(Number),
      model_latency_ms: expect.any(Number),
      instances_needed: 1,
      reasons: [],
    });
    expect(first.summary).toContain('### Load test');
    const second = await deploy({ 'load-test': 'require' });
    expect([second.status, resultOf(second)]).toEqual(['reused', resultOf(first)]);
    const made = world.operations().filter((name) => name === 'StartPipelineExecution');
    expect(made).toEqual(['StartPipelineExecution']);
  });

  test.each([
    ['no-ping', /did not answer pings/],
    ['quota', /Service Quotas/],
    ['no-capacity', /run again later/],
    ['instance-type', /does not test this instance type/],
    ['no-permission', /docs\/permissions\.md/],
  ] as const)(
    'that the service cannot make (%s) is said with what to do, and nothing is rejected',
    async (form, advice) => {
      await world.answers({ recommendation: form });
      const run = await deploy({ 'load-test': 'require' });
      expect([run.status, run.errors.map(({ title }) => title)]).toEqual(['failed', ['load-test-error']]);
      expect(run.errors[0]?.message).toMatch(advice);
      expect(run.outputs['model-package-arns']).toContain('model-package/');
      expect(resultOf(run)?.['status']).toBe('error');
    },
  );

  test('that is only to be reported warns and leaves the run green', async () => {
    await world.answers({ recommendation: 'quota' });
    const run = await deploy({ 'load-test': 'report' });
    expect([run.status, run.errors, run.warnings.some(({ title }) => title === 'Load test')]).toEqual([
      'succeeded',
      [],
      true,
    ]);
  });

  test('of a model that answers later than allowed sets every package to Rejected', async () => {
    const slow = [
      'import time',
      'quick = predict_fn',
      'def predict_fn(rows, model):',
      '    time.sleep(0.3)',
      '    return quick(rows, model)',
    ];
    appendFileSync(join(world.workspace, 'scripts', 'inference.py'), `\n\n${slow.join('\n')}\n`);
    world.configure(({ payload }) => Object.assign(payload ?? {}, { max_latency_in_millisecond: 100 }));
    const run = await deploy({ 'load-test': 'require' });
    expect([run.status, run.errors.map(({ title }) => title)]).toEqual(['failed', ['load-test-failed']]);
    expect(resultOf(run)?.['model_latency_ms']).toBeGreaterThanOrEqual(300);
  });

  test('that falls short of the expected calls sets every package to Rejected', async () => {
    world.configure(({ payload }) => Object.assign(payload ?? {}, { expected_tps: 100_000 }));
    const run = await deploy({ 'load-test': 'require' });
    expect([run.status, run.errors.map(({ title }) => title)]).toEqual(['failed', ['load-test-failed']]);
    expect(run.lines.join('\n')).toContain('(Rejected, set now; it was PendingManualApproval)');
  });
});

test('plan says what it costs, and none is made where none is asked for', async () => {
  const planned = await deploy({ mode: 'plan', 'load-test': 'report' });
  expect(planned.lines.join('\n')).toMatch(/Load test {4}The load test runs 1 x ml\.\S+ for about 2 minutes/);
  const run = await deploy({});
  expect(run.outputs['load-test']).toBeUndefined();
});
