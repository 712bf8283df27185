import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openWorld, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** Longer than anybody waits. */
const SILENT_MS = 3_600_000;

/** Deploys, and is cancelled as soon as AWS is silent at this operation. */
async function cancelAt(operation: string, { inputs = {}, answered = 0 } = {}) {
  world.aws.setFaults([{ operation, call: answered + 1, fault: 'slow', delayMs: SILENT_MS }]);
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

  test('while the pipeline is started: post looks for what may run', async () => {
    const run = await cancelAt('StartPipelineExecution', { inputs: { 'on-cancel': 'stop' } });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
    expect(run.stdout).toMatch(/asked to start the pipeline execution [0-9a-f]{12}-[0-9a-f]{12}-1, .* it may run/);
    expect(world.operations()).toContain('ListPipelineExecutions');
    expect(run.post?.exitCode).toBe(0);
  });

  test('while the execution is followed: it is stopped', async () => {
    const run = await cancelAt('DescribePipelineExecution', { answered: 1, inputs: { 'on-cancel': 'stop' } });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
    expect(world.operations()).toContain('StopPipelineExecution');
  });

  test('while an approval is set', async () => {
    await world.deploy();
    world.operations();
    const run = await cancelAt('UpdateModelPackage', { inputs: { 'approval-status': 'Approved' } });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
    expect(run.outputs['model-package-arns']).toContain('model-package/bsm-team-bsm-rnr-na/1');
  });
});
