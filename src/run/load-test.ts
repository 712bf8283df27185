import { asDeployError, DeployError, type Result, resultOf } from '../core/errors.ts';
import { type Runner, STATE_NAMES } from '../core/runner.ts';
import type { Config } from '../config/index.ts';
import type { Inputs } from '../inputs/index.ts';
import { followLoadTest, hasLoadTestEnded, loadTestAdvice, type LoadTestOutcome } from '../monitor/load-test.ts';
import { judgeLoadTest, type LoadTestResult, loadTestSpec, planLoadTest } from '../plan/load-test.ts';
import type { Plan } from '../plan/types.ts';
import type { RegisteredPackage, Status } from '../report/record.ts';
import type { RunContext } from './dependencies.ts';

export interface TestedDeployment {
  readonly config: Config;
  readonly inputs: Inputs;
  readonly plan: Plan;
}

/** Why the load test makes the run red. */
export interface LoadTestEnd {
  readonly status: Status;
  readonly error: DeployError;
}

/**
 * Loads one registered package as its configuration expects, and writes what was measured into every package. undefined
 * where the run may be green.
 */
export async function testUnderLoad(
  deployment: TestedDeployment,
  context: RunContext,
): Promise<LoadTestEnd | undefined> {
  const { inputs } = deployment;
  const { record, runner } = context;
  if (inputs.loadTest === 'off') return undefined;
  const inRegistry = record.packages.filter(({ confirmed }) => confirmed);
  const tested = inRegistry.find(({ region }) => region === 'NA') ?? inRegistry[0];
  if (tested === undefined) return nothingToTest(inputs, runner);
  if (context.cancelled.aborted) return cancelledBefore();
  const job = { region: tested.awsRegion, name: '' };
  const outcome = await follow(tested, job, { deployment, context }).catch(asDeployError);
  if (outcome instanceof DeployError && outcome.code === 'cancelled') return startInDoubt(job, { deployment, context });
  if (outcome instanceof DeployError) return notTested(outcome, { tested, job }, { deployment, context });
  if (outcome.kind !== 'ended') return abandon(outcome, job, { deployment, context });
  // A status that nobody knows may be one of a job that still holds its endpoint.
  if (hasLoadTestEnded(outcome.state.status)) nothingRuns(runner);
  else await stop(job, context);
  const plan = planLoadTest(deployment.config, instanceTypeOf(deployment.plan));
  record.loadTestPlan = plan;
  const result = judgeLoadTest(plan, outcome.state, { region: tested.region, job: outcome.name });
  record.loadTest = result;
  await explain(result, tested, context);
  await writeMetadata(result, inRegistry, context);
  return verdict(result, inRegistry, { deployment, context });
}

/** A team's own script registers elsewhere: the service cannot load what SageMaker's registry does not hold. */
function nothingToTest({ loadTest }: Inputs, runner: Runner): LoadTestEnd | undefined {
  const message = "No load test: no package of this deployment is in SageMaker's registry.";
  if (loadTest === 'require') {
    const advice = 'The packages are registered. Leave load-test out where registration_entry_point is given.';
    return { status: 'failed', error: new DeployError('load-test-error', message, { advice }) };
  }
  runner.annotate('warning', { title: 'Load test', message });
  return undefined;
}

interface Work {
  readonly deployment: TestedDeployment;
  readonly context: RunContext;
}

/** What post has to stop; without a name there is nothing to stop. */
interface Job {
  readonly region: string;
  name: string;
}

/** What a job was started for. */
interface StartedTest {
  readonly tested: RegisteredPackage;
  readonly job: Job;
}

function follow(
  tested: RegisteredPackage,
  job: Job,
  { deployment: { config, inputs, plan }, context }: Work,
): Promise<LoadTestOutcome> {
  const { aws, cancelled, clock, runner } = context;
  const test = planLoadTest(config, instanceTypeOf(plan));
  const target = {
    packageArn: tested.arn,
    fingerprint: plan.registrations.find(({ region }) => region === tested.region)?.fingerprint,
    roleArn: plan.pipeline.roleArn,
    kmsKey: plan.kmsKey,
  };
  return followLoadTest(loadTestSpec(test, target), {
    tests: aws.loadTests(tested.awsRegion),
    requestsMade: () => aws.requestsMade(),
    clock,
    cancelled,
    deadlineMs: context.deadlineMs,
    log: (line) => runner.info(line),
    onName: (name) => {
      job.name = name;
      if (name === '') nothingRuns(runner);
      else runner.saveState(STATE_NAMES.loadTest, JSON.stringify({ ...job, onCancel: inputs.onCancel }));
    },
  });
}

/** Post has nothing to stop. */
function nothingRuns(runner: Runner): void {
  runner.saveState(STATE_NAMES.loadTest, '');
}

function cancelledBefore(): LoadTestEnd {
  const advice = 'Running this job again makes it.';
  const message = 'The run was cancelled before the load test; the packages are registered.';
  return { status: 'cancelled', error: new DeployError('cancelled', message, { advice }) };
}

/** Cancelled before AWS had answered the start. Post looks again: what is stopped too early is not there yet. */
async function startInDoubt({ region, name }: Job, { deployment, context }: Work): Promise<LoadTestEnd> {
  // A name is written down before anything can run under it.
  if (name === '') return cancelledBefore();
  if (deployment.inputs.onCancel === 'stop') await resultOf(context.aws.loadTests(region).stop(name));
  const message = `The run was cancelled while AWS was asked to start the load test ${name}, and before it answered: it may run, and with it an endpoint. The packages are registered.`;
  const advice =
    'In a workflow, the step after the job stops it (with on-cancel: stop); in a terminal, look for it in the console and stop it there. Running again finds it.';
  return { status: 'cancelled', error: new DeployError('cancelled', message, { advice }) };
}

/** Whether nothing of the job can run any more. Where that is not known, post tries again. */
async function stop({ region, name }: Job, { aws, runner }: RunContext): Promise<Result<void>> {
  const stopped = await resultOf(aws.loadTests(region).stop(name));
  if (stopped.ok) nothingRuns(runner);
  return stopped;
}

function instanceTypeOf({ parameters }: Plan): string {
  return parameters['InferenceInstanceType'] ?? '';
}

/** Cancelled or timed out: nothing is left running unless that was asked for. */
async function abandon(
  { kind, name }: Extract<LoadTestOutcome, { kind: 'cancelled' | 'timed-out' }>,
  job: Job,
  { deployment: { inputs }, context }: Work,
): Promise<LoadTestEnd> {
  const what = kind === 'cancelled' ? 'The run was cancelled' : 'timeout-minutes passed';
  const message = `${what} during the load test; the packages are registered.`;
  const ended = (advice: string) => ({ status: kind, error: new DeployError(kind, message, { advice }) });
  if ((kind === 'cancelled' ? inputs.onCancel : inputs.onTimeout) === 'leave') {
    nothingRuns(context.runner);
    return ended(`The load test ${name} goes on; running this job again finds its result.`);
  }
  const stopped = await stop(job, context);
  if (stopped.ok) return ended(`The load test ${name} was stopped; running this job again starts another one.`);
  return ended(
    `The load test ${name} could not be stopped and may go on, and with it an endpoint: ${stopped.error.message}`,
  );
}

/** The test could not be made: only a required one makes the run red, and nothing is rejected for it. */
async function notTested(
  error: DeployError,
  { tested, job }: StartedTest,
  { deployment, context }: Work,
): Promise<LoadTestEnd | undefined> {
  const advice = `${error.advice} ${job.name === '' ? '' : await stopUnwatched(job, context)}`.trim();
  const { record, runner } = context;
  const instanceType = instanceTypeOf(deployment.plan);
  const plan = planLoadTest(deployment.config, instanceType);
  record.loadTestPlan = plan;
  const nothing = { status: 'FAILED', failureReason: error.message, metrics: undefined };
  record.loadTest = judgeLoadTest(plan, nothing, { region: tested.region, job: job.name });
  if (deployment.inputs.loadTest === 'require') {
    return {
      status: 'failed',
      error: new DeployError('load-test-error', error.message, { advice, cause: error }),
    };
  }
  runner.annotate('warning', { title: 'Load test', message: `${error.message} ${advice}`.trim() });
  return undefined;
}

/** Nobody follows it any more, and it holds an endpoint. What became of it, as a sentence. */
async function stopUnwatched(job: Job, context: RunContext): Promise<string> {
  const stopped = await stop(job, context);
  return stopped.ok
    ? `The load test ${job.name} was stopped; running this job again starts another one.`
    : `The load test ${job.name} may go on until it ends by itself; running this job again finds it.`;
}

/** A container that cannot serve says why in its own log. */
async function explain(
  result: LoadTestResult,
  tested: RegisteredPackage,
  { aws, record, runner }: RunContext,
): Promise<void> {
  if (result.status !== 'error') return;
  const lines = record.inputs?.logTailLines ?? 0;
  const tail =
    lines === 0
      ? []
      : await aws
          .loadTests(tested.awsRegion)
          .logTail(result.job, lines)
          .catch(() => []);
  if (tail.length > 0) runner.info(`Last ${tail.length} lines of the log of the tested endpoint:`);
  for (const line of tail) runner.info(`  | ${line}`);
}

const MEASURED: ReadonlySet<string> = new Set(['passed', 'failed']);

async function writeMetadata(
  result: LoadTestResult,
  packages: readonly RegisteredPackage[],
  { aws, runner }: RunContext,
): Promise<void> {
  const metadata = {
    load_test: result.status,
    ...(result.max_invocations_per_minute === null
      ? {}
      : { load_test_invocations_per_minute: String(result.max_invocations_per_minute) }),
    ...(result.model_latency_ms === null ? {} : { load_test_latency_ms: String(result.model_latency_ms) }),
  };
  const work = packages.map(async ({ arn, awsRegion }) => {
    const registry = aws.registry(awsRegion);
    // What an earlier test has measured stands: one that measured nothing says nothing against it, nor for it.
    const before = result.status === 'error' ? await registry.describe(arn) : undefined;
    if (!MEASURED.has(before?.metadata['load_test'] ?? '')) await registry.addMetadata(arn, metadata);
  });
  const failed = (await Promise.allSettled(work)).find((entry) => entry.status === 'rejected');
  if (failed === undefined) return;
  const message = `The result of the load test could not be written into the packages: ${asDeployError(failed.reason).message}`;
  runner.annotate('warning', { title: 'Load test', message });
}

async function verdict(
  result: LoadTestResult,
  packages: readonly RegisteredPackage[],
  { deployment: { inputs }, context }: Work,
): Promise<LoadTestEnd | undefined> {
  if (result.status === 'passed') return undefined;
  const { runner } = context;
  const reasons = result.reasons.join('; ');
  if (inputs.loadTest === 'report') {
    const message = `The load test of ${result.region} ${result.status === 'failed' ? 'failed' : 'could not be judged'}: ${reasons}.`;
    runner.annotate('warning', { title: 'Load test', message });
    return undefined;
  }
  if (result.status === 'error') {
    const message = `The required load test ${result.job} gave no measurement: ${reasons}.`;
    const advice = `${loadTestAdvice(reasons)} The packages are registered and were not rejected; run again when it is mended.`;
    return { status: 'failed', error: new DeployError('load-test-error', message, { advice }) };
  }
  return reject(result, packages, context);
}

/** Every package is tried, whatever becomes of the others; what each one is now is recorded and said. */
async function reject(
  result: LoadTestResult,
  packages: readonly RegisteredPackage[],
  { aws, record }: RunContext,
): Promise<LoadTestEnd> {
  const why = `Failed the load test ${result.job}`;
  const attempts = await Promise.all(
    packages.map(async ({ region, arn, awsRegion }) => {
      const done = await resultOf(aws.registry(awsRegion).setApproval(arn, 'Rejected', why));
      return { region, arn, done };
    }),
  );
  const rejected = new Set(attempts.filter(({ done }) => done.ok).map(({ arn }) => arn));
  record.packages = record.packages.map((entry) =>
    rejected.has(entry.arn) ? { ...entry, approval: 'Rejected', approvalBefore: entry.approval } : entry,
  );
  const failed = `The load test of ${result.region} failed: ${result.reasons.join('; ')}.`;
  const kept = attempts.flatMap(({ region, arn, done }) => (done.ok ? [] : [{ region, arn, error: done.error }]));
  const [first] = kept;
  if (first === undefined) {
    const error = new DeployError('load-test-failed', `${failed} The packages were set to Rejected.`, {
      advice:
        'Take a larger instance type (model.inference_instance_type), a faster model, or expectations that fit (payload section); with the same package, also if-registered: again, since a rejected one is not taken up again.',
    });
    return { status: 'failed', error };
  }
  const those = kept.map(({ region, arn }) => `${region} ${arn}`).join(', ');
  const message = `${failed} Not set to Rejected, and still as before: ${those}. ${first.error.message}`;
  const advice = `Set what is left to Rejected by hand (mode: approve with approval-status: Rejected). ${first.error.advice}`;
  return { status: 'failed', error: new DeployError('load-test-failed', message, { advice: advice.trim() }) };
}
