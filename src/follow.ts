import type { Execution, Prepared } from './apply/index.ts';
import type { Dependencies } from './dependencies.ts';
import { asDeployError } from './errors.ts';
import { finish } from './finish.ts';
import type { Inputs } from './inputs.ts';
import type { Plan, Registration } from './plan/types.ts';
import type { Registered } from './registered.ts';
import { STATE_NAMES } from './report/state.ts';
import { registeredPackage, type Result, type Unfinished } from './result.ts';
import { stopToken } from './stop-token.ts';
import { stackOf } from './text/stack.ts';
import { watchExecution, type Outcome } from './watch.ts';

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
export async function follow(started: Started, dependencies: Dependencies): Promise<Unfinished> {
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

function inOrder(plan: Plan, packages: Result['packages']): Result['packages'] {
  return plan.registrations.flatMap(({ region }) => packages.filter((entry) => entry.region === region));
}
