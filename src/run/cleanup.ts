import type { Aws } from '../aws/types.ts';
import type { Clock } from '../core/clock.ts';
import { asDeployError, DeployError } from '../core/errors.ts';
import { type JsonObject, parseJsonObject, textIn } from '../core/json.ts';
import { type Runner, STATE_NAMES } from '../core/runner.ts';
import { formatDuration } from '../core/text/format.ts';

export interface PostDependencies {
  readonly state: (name: string) => string;
  /** Made only where there is something to do: a post step that has nothing to do calls nothing. */
  readonly openAws: (deadlineMs: number) => Aws;
  readonly runner: Runner;
  readonly clock: Clock;
}

/**
 * The step after the job: stops an execution that a killed or cancelled main left behind. Silent where main came to its
 * end, or was told to leave it. Never makes the job red.
 */
export async function cleanUp(dependencies: PostDependencies): Promise<void> {
  const { clock, state, runner } = dependencies;
  const intent = parseJsonObject(state(STATE_NAMES.intent));
  if (intent === undefined || state(STATE_NAMES.done) !== '') return;
  if (intent['onCancel'] !== 'stop' || intent['wait'] !== true) return;
  const ended = new AbortController();
  try {
    const stopped = await Promise.race([stopLeftBehind(intent, dependencies), late(clock, ended.signal)]);
    if (stopped !== undefined)
      runner.info(`The run ended before its pipeline execution did; asked AWS to stop ${stopped}`);
  } catch (thrown) {
    const error = asDeployError(thrown);
    runner.annotate('warning', {
      title: 'Clean-up',
      message: `A pipeline execution may still run (${textIn(intent, 'displayName')}): ${error.message} ${error.advice}`,
    });
  } finally {
    ended.abort();
  }
}

/** The ARN of what was asked to stop. */
async function stopLeftBehind(
  intent: JsonObject,
  { clock, openAws, state }: PostDependencies,
): Promise<string | undefined> {
  const aws = openAws(clock.nowMs() + POST_MS);
  const arn =
    state(STATE_NAMES.executionArn) ||
    (await findByName(textIn(intent, 'pipeline'), textIn(intent, 'displayName'), aws));
  if (arn === undefined || !(await isAlive(arn, aws))) return undefined;
  await aws.pipelines.stop(arn);
  return arn;
}

/** GitHub waits for post as long as it takes; nobody else does. */
const POST_MS = 120_000;

async function late(clock: Clock, ended: AbortSignal): Promise<never> {
  await clock.sleep(POST_MS, ended);
  throw new DeployError('timed-out', `AWS gave no answer within ${formatDuration(POST_MS)}.`, {
    advice: 'Look at the pipeline in the console.',
  });
}

async function findByName(pipeline: string, displayName: string, aws: Aws): Promise<string | undefined> {
  const executions = await aws.pipelines.recent(pipeline);
  return executions.find((execution) => execution.displayName === displayName)?.arn;
}

async function isAlive(arn: string, aws: Aws): Promise<boolean> {
  return (await aws.pipelines.execution(arn)).status === 'Executing';
}
