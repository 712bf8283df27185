import { prepare, startOrAttach, type Execution, type Prepared, type StartContext } from './apply/index.ts';
import type { Aws } from './aws/types.ts';
import type { Clock } from './clock.ts';
import type { Context } from './context.ts';
import { asDeployError, DeployError } from './errors.ts';
import type { Files } from './files.ts';
import { finish } from './finish.ts';
import { gather } from './gather.ts';
import { readInputs, type Inputs, type InputSource } from './inputs.ts';
import { loadConfig } from './load-config.ts';
import { readPackageReport } from './package-report.ts';
import { buildPlan } from './plan/plan.ts';
import type { Plan, Registration } from './plan/types.ts';
import { openRegistrations, type OpenRegistrations } from './open.ts';
import type { Registered } from './registered.ts';
import { reportEarly, reportPlan, reportResult } from './report/index.ts';
import { STATE_NAMES } from './report/state.ts';
import { registeredPackage, type Result, type Status } from './result.ts';
import { promote } from './reuse.ts';
import type { Runner } from './runner.ts';
import { stopToken } from './stop-token.ts';
import { watchExecution, type Outcome } from './watch.ts';

/** Everything that a run needs of the world, time included. */
export interface Dependencies {
  readonly input: InputSource;
  readonly context: Context;
  readonly runner: Runner;
  readonly aws: Aws;
  readonly clock: Clock;
  readonly openFiles: (workingDirectory: string | undefined) => Files;
  /** Folder of the action's container scripts. */
  readonly containerFolder: string;
  /** Aborts when the workflow is cancelled. */
  readonly cancelled: AbortSignal;
  readonly random: () => number;
}

/** The whole run. Never throws: whatever happens becomes a result, and the result is reported. */
export async function run(dependencies: Dependencies): Promise<Status> {
  const startedAtMs = dependencies.clock.nowMs();
  const result = await deploy(dependencies).catch((thrown: unknown) => failure(thrown, dependencies));
  reportResult({ ...result, durationMs: dependencies.clock.nowMs() - startedAtMs }, dependencies);
  return result.status;
}

type Unfinished = Omit<Result, 'durationMs'>;

async function deploy(dependencies: Dependencies): Promise<Unfinished> {
  const { aws, clock, context, input, runner } = dependencies;
  const inputs = readInputs(input);
  const files = dependencies.openFiles(inputs.workingDirectory);
  const { config, request } = await loadConfig(inputs, { files, context, runner, clock });
  const facts = await gather(config, inputs, { aws, files, containerFolder: dependencies.containerFolder });
  const plan = await buildPlan(config, facts, request);
  reportPlan(plan, facts, runner);

  const open = await openRegistrations(plan, inputs, dependencies);
  const reused = await promote(open.registered, inputs, aws);
  if (open.missing.length === 0) return nothingToDo(plan, reused, aws);
  refuseCancelled(dependencies.cancelled);

  const work = open.narrow
    ? await buildPlan(config, facts, { ...request, regions: open.missing.map(({ region }) => region) })
    : plan;
  const missing = open.missing;
  const prepared = await prepare(work, missing, aws);
  reportEarly({ plan, prepared }, runner);
  refuseCancelled(dependencies.cancelled);
  const execution = await startOrAttach(
    work,
    { prepared, missing },
    startContext(dependencies, { plan: work, inputs, open }),
  );
  reportEarly({ plan, prepared, execution }, runner);
  runner.saveState(STATE_NAMES.executionArn, execution.arn);
  return follow({ inputs, plan, prepared, execution, missing, reused }, dependencies);
}

function startContext(
  { aws, clock, context, runner }: Dependencies,
  { plan, inputs, open }: { readonly plan: Plan; readonly inputs: Inputs; readonly open: OpenRegistrations },
): StartContext {
  return {
    aws,
    clock,
    missing: open.missing,
    selective: open.selective,
    runUrl: context.provenance.runUrl,
    log: (line) => runner.info(line),
    announce: ({ displayName }) => {
      const intent = { pipeline: plan.pipeline.name, displayName, onCancel: inputs.onCancel, wait: inputs.wait };
      runner.saveState(STATE_NAMES.intent, JSON.stringify(intent));
    },
  };
}

interface Started {
  readonly inputs: Inputs;
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly execution: Execution;
  readonly missing: readonly Registration[];
  readonly reused: readonly Registered[];
}

/** From the start to the end. What goes wrong here still tells which execution it was. */
async function follow(started: Started, dependencies: Dependencies): Promise<Unfinished> {
  const { inputs, plan, prepared, execution, missing, reused } = started;
  const { runner } = dependencies;
  const known = { plan, prepared, execution, warnings: plan.warnings };
  const earlier = reused.map((entry) => registeredPackage(entry, true));
  if (!inputs.wait) {
    runner.saveState(STATE_NAMES.done, 'true');
    return { ...known, status: 'started', packages: earlier, steps: [], explanations: [] };
  }
  try {
    const outcome = await watch(started, dependencies);
    await stopIfAsked(outcome, started, dependencies);
    const end = await finish(outcome, { ...dependencies, inputs, plan, missing, execution });
    runner.saveState(STATE_NAMES.done, 'true');
    return {
      ...known,
      status: end.status,
      packages: inOrder(plan, [...earlier, ...end.registered.map((entry) => registeredPackage(entry, false))]),
      steps: outcome.steps,
      packageReport: end.packageReport,
      explanations: end.explanations,
      ...(end.error === undefined ? {} : { error: end.error }),
    };
  } catch (thrown) {
    runner.debug(stackOf(thrown));
    return { ...known, status: 'failed', packages: earlier, steps: [], explanations: [], error: asDeployError(thrown) };
  }
}

function watch({ inputs, execution }: Started, dependencies: Dependencies): Promise<Outcome> {
  const { aws, clock, runner, cancelled, random } = dependencies;
  return watchExecution(execution.arn, execution.startedAtMs, {
    pipelines: aws.pipelines,
    clock,
    cancelled,
    random,
    log: (line) => runner.info(line),
    deadlineMs: execution.startedAtMs + inputs.timeoutMinutes * 60_000,
  });
}

async function stopIfAsked(
  outcome: Outcome,
  { inputs, execution }: Started,
  { aws, runner }: Dependencies,
): Promise<void> {
  const choice =
    outcome.kind === 'cancelled' ? inputs.onCancel : outcome.kind === 'timed-out' ? inputs.onTimeout : 'leave';
  if (choice !== 'stop') return;
  await aws.pipelines.stop(execution.arn, stopToken(execution.arn));
  runner.info(`Asked AWS to stop ${execution.arn}`);
}

async function nothingToDo(plan: Plan, reused: readonly Registered[], aws: Aws): Promise<Unfinished> {
  return {
    packageReport: await readPackageReport(plan.packageReport, aws).catch(() => undefined),
    status: 'reused',
    plan,
    packages: reused.map((entry) => registeredPackage(entry, true)),
    steps: [],
    explanations: [],
    warnings: plan.warnings,
  };
}

function inOrder(plan: Plan, packages: Result['packages']): Result['packages'] {
  return plan.registrations.flatMap(({ region }) => packages.filter((entry) => entry.region === region));
}

function refuseCancelled(cancelled: AbortSignal): void {
  if (!cancelled.aborted) return;
  throw new DeployError('cancelled', 'The workflow was cancelled before the pipeline was started.', {
    advice: 'Nothing runs. Run again when it may go on.',
  });
}

function failure(thrown: unknown, { runner }: Dependencies): Unfinished {
  const error = asDeployError(thrown);
  runner.debug(stackOf(thrown));
  const status = error.code === 'cancelled' ? 'cancelled' : 'failed';
  return { status, packages: [], steps: [], explanations: [], error, warnings: [] };
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\ncaused by ${stackOf(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}
