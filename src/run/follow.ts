import type { Execution, Prepared } from '../apply/index.ts';
import { stopToken } from '../apply/start.ts';
import { asDeployError, DeployError, stackOf } from '../core/errors.ts';
import { STATE_NAMES } from '../core/runner.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Ending } from '../monitor/outcome.ts';
import { type Outcome, watchExecution } from '../monitor/watch.ts';
import type { Plan, Registration } from '../plan/types.ts';
import type { Registered } from '../registry/records.ts';
import { registeredPackage, type Result, type Unfinished } from '../report/record.ts';
import type { TargetDependencies } from './dependencies.ts';
import { finish } from './finish.ts';

/** A deployment whose execution runs. */
export interface Started {
  readonly inputs: Inputs;
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly execution: Execution;
  readonly missing: readonly Registration[];
  readonly reused: readonly Registered[];
}

/** From the start to the end. What goes wrong here still tells which execution it was. */
export async function follow(started: Started, dependencies: TargetDependencies): Promise<Unfinished> {
  const { inputs, plan, prepared, execution, missing, reused } = started;
  const { runner } = dependencies;
  const known = { plan, prepared, execution, warnings: plan.warnings };
  const earlier = reused.map((entry) => registeredPackage(entry, true));
  if (!inputs.wait) {
    runner.saveState(STATE_NAMES.done, 'true');
    return { ...known, status: 'started', packages: earlier, steps: [], explanations: [] };
  }
  const outcome = await watch(started, dependencies).catch((thrown: unknown) => lost(thrown, execution));
  if (outcome instanceof DeployError) {
    runner.debug(stackOf(outcome));
    // It goes on and can be followed again: post must not stop it.
    runner.saveState(STATE_NAMES.done, 'true');
    return { ...known, status: 'failed', packages: earlier, steps: [], explanations: [], error: outcome };
  }
  const ending = await endingOf(outcome, started, dependencies);
  try {
    const end = await finish(outcome, { ...dependencies, inputs, plan, missing, execution, ending });
    if (ending !== 'unstopped') runner.saveState(STATE_NAMES.done, 'true');
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
    const error = asDeployError(thrown);
    return { ...known, status: 'failed', packages: earlier, steps: outcome.steps, explanations: [], error };
  }
}

/** Nobody can look any more; the execution does not know and goes on. */
function lost(thrown: unknown, { arn }: Execution): DeployError {
  const error = asDeployError(thrown);
  return new DeployError(error.code, `${error.message} The pipeline execution goes on without us: ${arn}`, {
    advice: `${error.advice} Running this job again follows the execution, or finds what it registered.`.trim(),
    cause: thrown,
  });
}

function watch({ inputs, execution, missing }: Started, dependencies: TargetDependencies): Promise<Outcome> {
  const { aws, clock, runner, cancelled, random } = dependencies;
  return watchExecution(execution.arn, execution.startedAtMs, {
    pipelines: aws.pipelines,
    clock,
    cancelled,
    random,
    log: (line) => runner.info(line),
    // The model, the package, and every registration that is missing.
    show: (steps, nowMs) => runner.showSteps(steps, nowMs, 2 + missing.length),
    deadlineMs: execution.startedAtMs + inputs.timeoutMinutes * 60_000,
  });
}

/** Stops what is ours where the inputs ask for it, before anything else. Never throws: post tries again. */
async function endingOf(
  outcome: Outcome,
  { inputs, execution }: Started,
  { aws, runner }: TargetDependencies,
): Promise<Ending> {
  if (outcome.kind !== 'cancelled' && outcome.kind !== 'timed-out') return 'ended';
  if ((outcome.kind === 'cancelled' ? inputs.onCancel : inputs.onTimeout) === 'leave') return 'left';
  if (!execution.ours) return 'foreign';
  try {
    await aws.pipelines.stop(execution.arn, stopToken(execution.arn));
    runner.info(`Asked AWS to stop ${execution.arn}`);
    return 'stopped';
  } catch (thrown) {
    runner.annotate('warning', { title: 'Stop', message: asDeployError(thrown).message });
    return 'unstopped';
  }
}

function inOrder(plan: Plan, packages: Result['packages']): Result['packages'] {
  return plan.registrations.flatMap(({ region }) => packages.filter((entry) => entry.region === region));
}
