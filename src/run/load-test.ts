import { asDeployError, DeployError } from '../core/errors.ts';
import { STATE_NAMES } from '../core/runner.ts';
import type { Config } from '../config/index.ts';
import type { Inputs } from '../inputs/index.ts';
import { followLoadTest, type LoadTestOutcome } from '../monitor/load-test.ts';
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
  if (tested === undefined) {
    const message = "No load test: no package of this deployment is in SageMaker's registry.";
    runner.annotate('warning', { title: 'Load test', message });
    return undefined;
  }
  const done = () => runner.saveState(STATE_NAMES.loadTest, '');
  const outcome = await follow(tested, deployment, context).catch(asDeployError);
  if (outcome instanceof DeployError) return notTested(tested, outcome, { deployment, context });
  if (outcome.kind !== 'ended') {
    const end = await abandon(tested, outcome, { deployment, context });
    done();
    return end;
  }
  done();
  const plan = planLoadTest(deployment.config, instanceTypeOf(deployment.plan));
  const result = judgeLoadTest(plan, outcome.state, { region: tested.region, job: outcome.name });
  record.loadTest = result;
  await explain(result, tested, context);
  await writeMetadata(result, inRegistry, context);
  return verdict(result, inRegistry, { deployment, context });
}

interface Work {
  readonly deployment: TestedDeployment;
  readonly context: RunContext;
}

function follow(
  tested: RegisteredPackage,
  deployment: TestedDeployment,
  context: RunContext,
): Promise<LoadTestOutcome> {
  const { config, inputs, plan } = deployment;
  const { aws, cancelled, clock, runner } = context;
  const test = planLoadTest(config, instanceTypeOf(plan));
  const target = { packageArn: tested.arn, roleArn: plan.pipeline.roleArn, kmsKey: plan.kmsKey };
  return followLoadTest(loadTestSpec(test, target), {
    tests: aws.loadTests(tested.awsRegion),
    clock,
    cancelled,
    deadlineMs: context.deadlineMs,
    log: (line) => runner.info(line),
    onName: (name) =>
      runner.saveState(
        STATE_NAMES.loadTest,
        JSON.stringify({ region: tested.awsRegion, name, onCancel: inputs.onCancel }),
      ),
  });
}

function instanceTypeOf({ parameters }: Plan): string {
  return parameters['InferenceInstanceType'] ?? '';
}

/** Cancelled or timed out: nothing is left running unless that was asked for. */
async function abandon(
  tested: RegisteredPackage,
  { kind, name }: Extract<LoadTestOutcome, { kind: 'cancelled' | 'timed-out' }>,
  { deployment: { inputs }, context }: Work,
): Promise<LoadTestEnd> {
  const leave = (kind === 'cancelled' ? inputs.onCancel : inputs.onTimeout) === 'leave';
  if (!leave) await context.aws.loadTests(tested.awsRegion).stop(name);
  const what = kind === 'cancelled' ? 'The run was cancelled' : 'timeout-minutes passed';
  const advice = leave
    ? `The load test ${name} goes on; running this job again finds its result.`
    : `The load test ${name} was stopped; running this job again starts another one.`;
  return {
    status: kind,
    error: new DeployError(kind, `${what} during the load test; the packages are registered.`, { advice }),
  };
}

/** The test could not be made: only a required one makes the run red, and nothing is rejected for it. */
function notTested(
  tested: RegisteredPackage,
  error: DeployError,
  { deployment, context }: Work,
): LoadTestEnd | undefined {
  const { record, runner } = context;
  const instanceType = instanceTypeOf(deployment.plan);
  const plan = planLoadTest(deployment.config, instanceType);
  const nothing = { status: 'FAILED', failureReason: error.message, metrics: undefined };
  record.loadTest = judgeLoadTest(plan, nothing, { region: tested.region, job: '' });
  if (deployment.inputs.loadTest === 'require') {
    return {
      status: 'failed',
      error: new DeployError('load-test-error', error.message, { advice: error.advice, cause: error }),
    };
  }
  runner.annotate('warning', { title: 'Load test', message: `${error.message} ${error.advice}`.trim() });
  return undefined;
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
    // Not every registry merges: the package is given all that it is to have.
    const known = await registry.describe(arn);
    await registry.addMetadata(arn, { ...known?.metadata, ...metadata });
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
  const { aws, record, runner } = context;
  const reasons = result.reasons.join('; ');
  if (inputs.loadTest === 'report') {
    const message = `The load test of ${result.region} ${result.status === 'failed' ? 'failed' : 'could not be judged'}: ${reasons}.`;
    runner.annotate('warning', { title: 'Load test', message });
    return undefined;
  }
  if (result.status === 'error') {
    const message = `The required load test ${result.job} gave no measurement: ${reasons}.`;
    const advice = `${adviceFor(reasons)} The packages are registered and were not rejected; run again when it is mended.`;
    return { status: 'failed', error: new DeployError('load-test-error', message, { advice }) };
  }
  const why = `Failed the load test ${result.job}`;
  await Promise.all(packages.map(({ arn, awsRegion }) => aws.registry(awsRegion).setApproval(arn, 'Rejected', why)));
  record.packages = record.packages.map((entry) =>
    packages.includes(entry) ? { ...entry, approval: 'Rejected', approvalBefore: entry.approval } : entry,
  );
  const message = `The load test of ${result.region} failed: ${reasons}. The packages were set to Rejected.`;
  const advice =
    'Take a larger instance type (model.inference_instance_type), a faster model, or expectations that fit (payload section).';
  return { status: 'failed', error: new DeployError('load-test-failed', message, { advice }) };
}

/** What helps, by what the service says; FailureReason is prose without a code. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /ping|health check/i,
    'The container did not answer pings: its log above says why; rehearse the package with the real server.',
  ],
  [/limit|quota/i, 'Ask for more of this instance type in Service Quotas ("for endpoint usage"), or take another one.'],
  [/capacity/i, 'There is no capacity for this instance type now: run again later, or take another one.'],
  [
    /not supported|unsupported|invalid instance/i,
    'Inference Recommender does not test this instance type: take another model.inference_instance_type.',
  ],
  [
    /not authorized|access ?denied|assume|permission/i,
    "Give the pipeline's role what docs/permissions.md lists for load tests.",
  ],
];

function adviceFor(reasons: string): string {
  return ADVICE.find(([pattern]) => pattern.test(reasons))?.[1] ?? 'The job in the console says more.';
}
