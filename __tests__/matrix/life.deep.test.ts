import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionOptions } from '../harness/run-action.ts';
import { runnerCommands } from '../harness/runner-commands.ts';
import { lookAtAccount } from './judge.ts';
import { openWorld, type World } from './world.ts';

let gates: string;
beforeEach(() => {
  gates = mkdtempSync(join(tmpdir(), 'gates-'));
});
afterEach(() => rmSync(gates, { recursive: true }));

/** A packager that ends when it is let: its execution outlives the run that started it, however long that takes. */
const waiting = () => `
root = os.environ.get('BSM_CONTAINER_ROOT', '') + '/opt/ml/processing/'
while not os.path.exists(${JSON.stringify(join(gates, 'open'))}):
    time.sleep(0.05)
shutil.copy(root + 'input/model/' + os.environ['MODEL_ARCHIVE_NAME'], root + 'output/model.tar.gz')
`;

/** Lets the packager end as soon as the run follows what another one has started. */
const lettingItEnd: Pick<ActionOptions, 'onOutput'> = {
  onOutput(_child: ChildProcess, printed: string) {
    if (printed.includes('following it')) writeFileSync(join(gates, 'open'), '');
  },
};

const OTHER_RUN = { GITHUB_RUN_ID: '4712' };

/** Cancels as GitHub does, as soon as the execution is being watched. */
function cancelling(): Pick<ActionOptions, 'onOutput'> {
  let sent = false;
  return {
    onOutput(child: ChildProcess, printed: string) {
      if (sent || !/Packaging\w+ +Executing/.test(printed)) return;
      sent = true;
      child.kill('SIGINT');
    },
  };
}

describe('a deployment whose workflow is cancelled', () => {
  let world: World;
  afterEach(() => world.close());

  const errorOf = (stdout: string) => runnerCommands(stdout).find(({ command }) => command === 'error')?.data ?? '';
  const statuses = async () => (await lookAtAccount(world.aws)).executions.map(({ status }) => status);

  test('stops its execution before anything else, and post has nothing left to do', async () => {
    world = await openWorld({ packager: waiting() });
    const run = await world.deploy(cancelling());
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'cancelled']);
    const operations = world.aws.requests().map(({ operation }) => operation);
    const stop = operations.indexOf('StopPipelineExecution');
    expect(['DescribePipelineExecution', 'ListPipelineExecutionSteps']).toContain(operations[stop - 1]);
    // GitHub kills it soon: it does not wait to see the execution stopped, it only looks at its claim.
    expect(operations.slice(stop + 1)).toEqual(['GetObject']);
    expect(run.post).toMatchObject({ exitCode: 0, stdout: '' });
    expect((await statuses()).every((status) => status === 'Stopping' || status === 'Stopped')).toBe(true);
  });

  test.each([
    ['throttling', false],
    ['garbage', true],
    ['connection-reset', true],
  ] as const)('stops it all the same when the call that stops meets %s', async (fault, after) => {
    world = await openWorld({ packager: waiting() });
    world.aws.setFaults([{ service: 'sagemaker', operation: 'StopPipelineExecution', call: 1, fault, after }]);
    const run = await world.deploy(cancelling());
    expect([run.outputs['status'], run.post?.stdout]).toEqual(['cancelled', '']);
    expect((await statuses()).every((status) => status === 'Stopping' || status === 'Stopped')).toBe(true);
  });

  test('says so when it could not be stopped, and post stops it', async () => {
    world = await openWorld({ packager: waiting() });
    const denied = {
      service: 'sagemaker',
      operation: 'StopPipelineExecution',
      call: 1,
      fault: 'access-denied',
    } as const;
    world.aws.setFaults([denied]);
    const run = await world.deploy(cancelling());
    expect(run.outputs['status']).toBe('cancelled');
    expect(errorOf(run.stdout)).toContain('could not be stopped and may go on');
    expect(run.post?.stdout).toContain('asked AWS to stop');
    expect((await statuses()).every((status) => status === 'Stopping' || status === 'Stopped')).toBe(true);
  });

  test('with on-cancel: leave goes on and says how to follow it; the next run attaches and ends green', async () => {
    world = await openWorld({ packager: waiting() });
    const left = await world.deploy({ ...cancelling(), inputs: { 'on-cancel': 'leave' } });
    expect([left.outputs['status'], errorOf(left.stdout).includes('running this job again follows it')]).toEqual([
      'cancelled',
      true,
    ]);
    expect(await statuses()).toEqual(['Executing']);
    const next = await world.deploy({ ...lettingItEnd, env: OTHER_RUN });
    expect(next.stdout).toContain('started by another job; following it');
    expect([next.outputs['status'], await statuses()]).toEqual(['succeeded', ['Succeeded']]);
  });

  test.each([
    ['another workflow run', OTHER_RUN, ['Executing']],
    ['an earlier attempt of the same workflow run', { GITHUB_RUN_ATTEMPT: '2' }, ['Stopped']],
  ])('treats an execution of %s as it should', async (_whose, env, expected) => {
    world = await openWorld({ packager: waiting() });
    await world.deploy({ ...cancelling(), inputs: { 'on-cancel': 'leave' } });
    const attached = await world.deploy({ ...cancelling(), env });
    expect(attached.outputs['status']).toBe('cancelled');
    const [status] = await statuses();
    expect(status === 'Stopping' ? ['Stopped'] : [status]).toEqual(expected);
  });
});

describe('credentials that expire during the wait', () => {
  test('end the wait with what happened, leave the execution alone, and the next run finds it', async () => {
    const world = await openWorld({ packager: waiting() });
    try {
      world.aws.setFaults([
        { service: 'sagemaker', operation: 'DescribePipelineExecution', call: 'every', fault: 'expired-credentials' },
      ]);
      const expired = await world.deploy();
      world.aws.setFaults([]);
      const [error] = runnerCommands(expired.stdout).filter(({ command }) => command === 'error');
      expect(error?.properties['title']).toBe('credentials-expired');
      expect(error?.data).toContain('goes on without us');
      expect(error?.data).toContain('role-to-assume');
      expect(error?.data).toContain('Running this job again follows the execution');
      expect(expired.outputs['pipeline-execution-arn']).toMatch(/^arn:/);
      expect(expired.post).toMatchObject({ exitCode: 0, stdout: '' });
      expect((await world.deploy(lettingItEnd)).outputs['status']).toBe('succeeded');
      expect((await lookAtAccount(world.aws)).executions).toHaveLength(1);
    } finally {
      await world.close();
    }
  });
});
