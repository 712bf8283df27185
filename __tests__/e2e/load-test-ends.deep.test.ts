import { spawnSync } from 'node:child_process';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListInferenceRecommendationsJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FaultKind } from '../../embedded-aws/faults.ts';
import { type ActionOptions, type ActionRun, ROOT } from '../harness/run-action.ts';
import { runnerCommands } from '../harness/runner-commands.ts';
import { openWorld, testPython, type World } from './world.ts';

const hasTorch = spawnSync(testPython(), ['-c', 'import torch']).status === 0;
if (!hasTorch) console.warn('SKIPPED: without PyTorch no package can be loaded.');
const suite = hasTorch ? describe : describe.skip;

/** The registered package is there already: every test loads it in another way, and so by a job of its own. */
let world: World;
let client: SageMakerClient;
/** The shortest that there is; each test lasts a second longer than the one before. */
let seconds = 120;
beforeAll(async () => {
  if (!hasTorch) return;
  world = await openWorld();
  world.configure(({ package: packaging, payload }) => {
    Object.assign(packaging ?? {}, { verify: false });
    Object.assign(payload ?? {}, { expected_tps: 1, max_latency_in_millisecond: 10_000 });
  });
  client = new SageMakerClient({
    endpoint: world.aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAEMBEDDED', secretAccessKey: 'test' },
  });
  appendFileSync(join(world.workspace, 'scripts', 'inference.py'), waitingForGate());
  openGate();
  const { stdout, outputs } = await deploy('off');
  if (outputs['status'] !== 'succeeded') throw new Error(`The package could not be registered: ${stdout}`);
});
afterAll(async () => {
  client?.destroy();
  await world?.close();
});

function deploy(loadTest: string, more: Partial<ActionOptions> = {}): Promise<ActionRun> {
  const entry = process.env['BSM_ACTION_ENTRY'] || join(ROOT, 'lib', 'src', 'index.js');
  return world.deploy({ 'load-test': loadTest, ...more.inputs }, { ...more, entry });
}

/** The model loads when the gate is open: a test runs until then, however fast the machine is. */
const gate = () => join(world.workspace, 'gate');
const openGate = () => writeFileSync(gate(), '');
const waitingForGate = () => `

import time
open_model = model_fn


def model_fn(model_dir):
    while not os.path.exists(${JSON.stringify(gate())}):
        time.sleep(0.05)
    return open_model(model_dir)
`;

/** A test that was not made before: one that ends by itself, or one that is there to be stopped. */
function anotherTest(kind: 'short' | 'held'): void {
  seconds += 1;
  world.configure(({ payload }) => Object.assign(payload ?? {}, { load_test_duration_seconds: seconds }));
  if (kind === 'short') openGate();
  else rmSync(gate(), { force: true });
}

async function statuses(): Promise<readonly string[]> {
  const { InferenceRecommendationsJobs = [] } = await client.send(
    new ListInferenceRecommendationsJobsCommand({ MaxResults: 100 }),
  );
  return InferenceRecommendationsJobs.map(({ Status = '' }) => Status);
}

/** Waits for what is being stopped: what goes on by itself is seen at once. */
async function leftRunning(): Promise<readonly string[]> {
  for (;;) {
    const now = await statuses();
    if (!now.includes('STOPPING')) return now.filter((status) => status === 'PENDING' || status === 'IN_PROGRESS');
    await sleep(50);
  }
}

const errorsOf = ({ stdout }: ActionRun) => runnerCommands(stdout).filter(({ command }) => command === 'error');
const resultOf = ({ outputs }: ActionRun) => JSON.parse(outputs['load-test'] ?? 'null') as { status?: string } | null;

const CREATE = 'CreateInferenceRecommendationsJob';
const DESCRIBE = 'DescribeInferenceRecommendationsJob';
const STOP = 'StopInferenceRecommendationsJob';

suite('a fault that passes', () => {
  test.each(
    [CREATE, DESCRIBE].flatMap((operation) =>
      (
        [
          ['throttling', false],
          ['server-error', false],
          ['connection-reset', false],
          ['connection-reset', true],
          ['garbage', true],
        ] as const
      ).map(([fault, after]) => ({ operation, fault, after })),
    ),
  )('changes nothing: $fault at $operation (done: $after)', async ({ operation, fault, after }) => {
    anotherTest('short');
    world.aws.setFaults([{ service: 'sagemaker', operation, call: 1, fault, after }]);
    const run = await deploy('require');
    world.aws.setFaults([]);
    expect([run.exitCode, run.outputs['status'], resultOf(run)?.status]).toEqual([0, 'reused', 'passed']);
    expect([await leftRunning(), run.post?.stdout]).toEqual([[], '']);
  });
});

suite('a fault that stays', () => {
  const rows = [CREATE, DESCRIBE].flatMap((operation) =>
    (['access-denied', 'expired-credentials'] as const).map((fault): [FaultKind, string] => [fault, operation]),
  );

  test.each(rows)('%s at %s is said, and nothing is left running', async (fault, operation) => {
    anotherTest('held');
    world.aws.setFaults([{ service: 'sagemaker', operation, call: 'every', fault }]);
    const run = await deploy('require');
    world.aws.setFaults([]);
    expect([run.exitCode, run.outputs['status'], resultOf(run)?.status]).toEqual([1, 'failed', 'error']);
    const [error] = errorsOf(run);
    expect(error?.properties['title']).toBe('load-test-error');
    expect(error?.data).toMatch(/^Could not (start|describe) the load test bsm-load-test-\w+: /);
    expect(run.outputs['model-package-arns']).toContain('model-package/');
    expect([await leftRunning(), run.post?.stdout]).toEqual([[], '']);
  });

  test.each(rows)('%s at %s is a warning where the test is only to be reported', async (fault, operation) => {
    anotherTest('held');
    world.aws.setFaults([{ service: 'sagemaker', operation, call: 'every', fault }]);
    const run = await deploy('report');
    world.aws.setFaults([]);
    expect([run.exitCode, run.outputs['status'], errorsOf(run)]).toEqual([0, 'reused', []]);
    const warnings = runnerCommands(run.stdout).filter(({ command }) => command === 'warning');
    expect(warnings.map(({ properties }) => properties['title'])).toContain('Load test');
    expect(await leftRunning()).toEqual([]);
  });
});

/** Sends a signal as soon as the job is looked at for the second time: it runs then. */
function signalling(signal: NodeJS.Signals): Pick<ActionOptions, 'onStart'> {
  const before = world.aws.requests().length;
  const looks = () =>
    world.aws
      .requests()
      .slice(before)
      .filter(({ operation }) => operation === DESCRIBE).length;
  return {
    onStart(child) {
      void (async () => {
        while (child.exitCode === null && looks() < 2) await sleep(5);
        child.kill(signal);
      })();
    },
  };
}

suite('a load test whose run ends before it', () => {
  test('by kill -9 is stopped by post', async () => {
    anotherTest('held');
    const run = await deploy('require', signalling('SIGKILL'));
    expect([run.signal, run.post?.exitCode]).toEqual(['SIGKILL', 0]);
    expect(run.post?.stdout).toContain('The run ended before its load test did; asked AWS to stop bsm-load-test-');
    expect(await leftRunning()).toEqual([]);
  });

  test('by kill -9 of all, post included, goes on, and the next run attaches to it', async () => {
    anotherTest('held');
    const run = await deploy('require', { ...signalling('SIGKILL'), post: false });
    expect(run.signal).toBe('SIGKILL');
    openGate();
    const next = await deploy('require');
    expect([next.outputs['status'], resultOf(next)?.status]).toEqual(['reused', 'passed']);
    expect(next.stdout).toMatch(/bsm-load-test-\w+ was started before \((PENDING|IN_PROGRESS|COMPLETED)\)/);
  });

  test.each(['throttling', 'server-error', 'connection-reset'] as const)(
    'by cancel stops it, %s notwithstanding',
    async (fault) => {
      anotherTest('held');
      world.aws.setFaults([{ service: 'sagemaker', operation: STOP, call: 1, fault }]);
      const run = await deploy('require', signalling('SIGINT'));
      world.aws.setFaults([]);
      expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
      expect(errorsOf(run)[0]?.data).toContain('was stopped; running this job again starts another one');
      expect([await leftRunning(), run.post?.stdout]).toEqual([[], '']);
    },
  );

  test.each(['access-denied', 'expired-credentials'] as const)(
    'by cancel says where it could not be stopped (%s), and post stops it',
    async (fault) => {
      anotherTest('held');
      world.aws.setFaults([{ service: 'sagemaker', operation: STOP, call: 1, fault }]);
      const run = await deploy('require', signalling('SIGINT'));
      world.aws.setFaults([]);
      expect(run.outputs['status']).toBe('cancelled');
      expect(errorsOf(run)[0]?.data).toContain('could not be stopped and may go on, and with it an endpoint');
      expect(run.post?.stdout).toContain('asked AWS to stop bsm-load-test-');
      expect(await leftRunning()).toEqual([]);
    },
  );

  test('by cancel is followed at once by a run that waits for its end, and starts the next one', async () => {
    anotherTest('held');
    const run = await deploy('require', signalling('SIGINT'));
    expect(run.outputs['status']).toBe('cancelled');
    openGate();
    const next = await deploy('require');
    expect([next.outputs['status'], resultOf(next)]).toEqual([
      'reused',
      expect.objectContaining({ status: 'passed', job: expect.stringMatching(/^bsm-load-test-[0-9a-f]{24}-2$/) }),
    ]);
  });
});
