import { executionNamed } from '../apply/claim.ts';
import type { Aws, LoadTests } from '../aws/types.ts';
import type { Clock } from '../core/clock.ts';
import { asDeployError, DeployError, resultOf } from '../core/errors.ts';
import { type JsonObject, parseJsonObject, textIn } from '../core/json.ts';
import { type Runner, STATE_NAMES } from '../core/runner.ts';
import { formatDuration } from '../core/text.ts';
import { hasLoadTestEnded } from '../monitor/load-test.ts';

export interface PostDependencies {
  readonly state: (name: string) => string;
  /** Made only where there is something to do: a post step that has nothing to do calls nothing. */
  readonly openAws: (deadlineMs: number) => Aws;
  readonly runner: Runner;
  readonly clock: Clock;
}

/**
 * The step after the job: stops an execution that a killed or cancelled main left behind. Silent where main came to its
 * end, or was asked to leave it. Never makes the job red.
 */
export async function cleanUp(dependencies: PostDependencies): Promise<void> {
  await stopLoadTest(dependencies);
  const { clock, state, runner } = dependencies;
  const intent = parseJsonObject(state(STATE_NAMES.intent));
  if (intent === undefined || state(STATE_NAMES.done) !== '') return;
  if (intent['onCancel'] !== 'stop' || intent['wait'] !== true) return;
  try {
    const stopped = await within(POST_MS, clock, stopLeftBehind(intent, dependencies));
    if (stopped !== undefined)
      runner.info(`The run ended before its pipeline execution did; asked AWS to stop ${stopped}`);
  } catch (thrown) {
    const error = asDeployError(thrown);
    runner.annotate('warning', {
      title: 'Clean-up',
      message: `A pipeline execution may still run (${textIn(intent, 'displayName')}): ${error.message} ${error.advice}`,
    });
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
    (await executionNamed(textIn(intent, 'pipeline'), textIn(intent, 'displayName'), aws));
  if (arn === undefined || !(await isAlive(arn, aws))) return undefined;
  await aws.pipelines.stop(arn);
  return arn;
}

/** GitHub waits for post as long as it takes; nobody else does. */
const POST_MS = 120_000;

async function within<T>(limitMs: number, clock: Clock, work: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const late = async (): Promise<never> => {
    await clock.sleep(limitMs, ended.signal);
    throw new DeployError('timed-out', `AWS gave no answer within ${formatDuration(limitMs)}.`, {
      advice: 'Look at it in the console.',
    });
  };
  try {
    return await Promise.race([work, late()]);
  } finally {
    ended.abort();
  }
}

async function isAlive(arn: string, aws: Aws): Promise<boolean> {
  return (await aws.pipelines.execution(arn)).status === 'Executing';
}

/** A load test that a killed or cancelled main left behind holds an endpoint, which costs until it is stopped. */
async function stopLoadTest({ clock, state, openAws, runner }: PostDependencies): Promise<void> {
  const intent = parseJsonObject(state(STATE_NAMES.loadTest));
  if (intent === undefined || intent['onCancel'] !== 'stop') return;
  const name = textIn(intent, 'name');
  try {
    const aws = openAws(clock.nowMs() + POST_MS);
    const stopped = await within(POST_MS, clock, stopIfAlive(name, aws.loadTests(textIn(intent, 'region'))));
    if (stopped) runner.info(`The run ended before its load test did; asked AWS to stop ${name}`);
  } catch (thrown) {
    const { message, advice } = asDeployError(thrown);
    const text = `The load test ${name} may still run, and with it an endpoint: ${message} ${advice}`;
    runner.annotate('warning', { title: 'Clean-up', message: text });
  }
}

/** Whether there was something to stop. What cannot be described is stopped all the same. */
async function stopIfAlive(name: string, tests: LoadTests): Promise<boolean> {
  const found = await resultOf(tests.describe(name));
  if (found.ok && (found.value === undefined || hasLoadTestEnded(found.value.status))) return false;
  await tests.stop(name);
  return true;
}
