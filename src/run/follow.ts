import type { Execution } from '../apply/index.ts';
import { asDeployError, DeployError } from '../core/errors.ts';
import { STATE_NAMES } from '../core/runner.ts';
import type { Ending } from '../monitor/outcome.ts';
import { type Outcome, watchExecution } from '../monitor/watch.ts';
import { recordEnd } from '../report/record.ts';
import type { RunContext, StartedDeployment } from './dependencies.ts';
import { finish } from './finish.ts';

/** From the start of the pipeline execution to its end. */
export async function follow(started: StartedDeployment, context: RunContext): Promise<void> {
  const { record, runner } = context;
  if (!started.inputs.wait) {
    runner.saveState(STATE_NAMES.done, 'true');
    if (started.inputs.loadTest === 'report') {
      const message = 'No load test: with wait: false nobody is there when the packages are registered.';
      runner.annotate('warning', { title: 'Load test', message });
    }
    return recordEnd(record, 'started');
  }
  const outcome = await watch(started, context);
  record.steps = outcome.steps;
  const ending = await stopIfAsked(outcome, started, context);
  await finish(outcome, { ...context, ...started, ending });
  if (ending !== 'unstopped') runner.saveState(STATE_NAMES.done, 'true');
}

async function watch({ execution, missing }: StartedDeployment, context: RunContext): Promise<Outcome> {
  const { aws, clock, record, runner, cancelled, random } = context;
  try {
    return await watchExecution(execution.arn, execution.startedAtMs, {
      pipelines: aws.pipelines,
      requestsMade: () => aws.requestsMade(),
      clock,
      cancelled,
      random,
      log: (line) => runner.info(line),
      show(steps, nowMs) {
        record.steps = steps;
        // The model, the package, and every registration that is missing.
        runner.showSteps(steps, nowMs, 2 + missing.length);
      },
      deadlineMs: context.deadlineMs,
    });
  } catch (thrown) {
    // The execution goes on and can be followed again: post must not stop it.
    runner.saveState(STATE_NAMES.done, 'true');
    throw pollingFailed(thrown, execution);
  }
}

/** Nobody can poll any more; the execution does not know and goes on. */
function pollingFailed(thrown: unknown, { arn }: Execution): DeployError {
  const error = asDeployError(thrown);
  return new DeployError(error.code, `${error.message} The pipeline execution goes on without us: ${arn}`, {
    advice: `${error.advice} Running this job again follows the execution, or finds what it registered.`.trim(),
    cause: thrown,
  });
}

/** Stops what is ours where the inputs ask for it, before anything else. Never throws: post tries again. */
async function stopIfAsked(
  outcome: Outcome,
  { inputs, execution }: StartedDeployment,
  { aws, runner }: RunContext,
): Promise<Ending> {
  if (outcome.kind !== 'cancelled' && outcome.kind !== 'timed-out') return 'ended';
  if ((outcome.kind === 'cancelled' ? inputs.onCancel : inputs.onTimeout) === 'leave') return 'left';
  if (!execution.ours) return 'foreign';
  try {
    await aws.pipelines.stop(execution.arn);
    runner.info(`Asked AWS to stop ${execution.arn}`);
    return 'stopped';
  } catch (thrown) {
    runner.annotate('warning', { title: 'Stop', message: asDeployError(thrown).message });
    return 'unstopped';
  }
}
