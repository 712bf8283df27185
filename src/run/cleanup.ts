import type { Aws } from '../aws/types.ts';
import { asDeployError } from '../core/errors.ts';
import { parseJsonObject, textIn } from '../core/json.ts';
import { type Runner, STATE_NAMES } from '../core/runner.ts';

export interface PostDependencies {
  readonly state: (name: string) => string;
  /** Made only where there is something to do: a post step that has nothing to do calls nothing. */
  readonly openAws: () => Aws;
  readonly runner: Runner;
}

/**
 * The step after the job: stops an execution that a killed or cancelled main left behind. Silent where main came to its
 * end, or was asked to leave it. Never makes the job red.
 */
export async function cleanUp(dependencies: PostDependencies): Promise<void> {
  await stopLoadTest(dependencies);
  const { state, runner } = dependencies;
  const intent = parseJsonObject(state(STATE_NAMES.intent));
  if (intent === undefined || state(STATE_NAMES.done) !== '') return;
  if (intent['onCancel'] !== 'stop' || intent['wait'] !== true) return;
  try {
    const aws = dependencies.openAws();
    const arn =
      state(STATE_NAMES.executionArn) ||
      (await findByName(textIn(intent, 'pipeline'), textIn(intent, 'displayName'), aws));
    if (arn === undefined || !(await isAlive(arn, aws))) return;
    await aws.pipelines.stop(arn);
    runner.info(`The run ended before its pipeline execution did; asked AWS to stop ${arn}`);
  } catch (thrown) {
    const error = asDeployError(thrown);
    runner.annotate('warning', {
      title: 'Clean-up',
      message: `A pipeline execution may still run (${textIn(intent, 'displayName')}): ${error.message} ${error.advice}`,
    });
  }
}

async function findByName(pipeline: string, displayName: string, aws: Aws): Promise<string | undefined> {
  const executions = await aws.pipelines.recent(pipeline);
  return executions.find((execution) => execution.displayName === displayName)?.arn;
}

async function isAlive(arn: string, aws: Aws): Promise<boolean> {
  return (await aws.pipelines.execution(arn)).status === 'Executing';
}

/** A load test that a killed or cancelled main left behind holds an endpoint, which costs until it is stopped. */
async function stopLoadTest({ state, openAws, runner }: PostDependencies): Promise<void> {
  const intent = parseJsonObject(state(STATE_NAMES.loadTest));
  if (intent === undefined || intent['onCancel'] !== 'stop') return;
  const name = textIn(intent, 'name');
  try {
    await openAws().loadTests(textIn(intent, 'region')).stop(name);
    runner.info(`The run ended before its load test did; asked AWS to stop ${name}`);
  } catch (thrown) {
    const { message, advice } = asDeployError(thrown);
    const text = `The load test ${name} may still run, and with it an endpoint: ${message} ${advice}`;
    runner.annotate('warning', { title: 'Clean-up', message: text });
  }
}
