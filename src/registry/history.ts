import type { Aws, ExecutionSummary, SelectiveStart } from '../aws/types.ts';
import { beginWait, type Clock, type WaitContext } from '../core/clock.ts';
import type { Runner, StepState } from '../core/runner.ts';
import type { Inputs } from '../inputs/index.ts';
import { PACKAGING_STEP } from '../plan/steps/packaging.ts';
import type { Plan, Registration } from '../plan/types.ts';
import { type ConfirmContext, confirmPackages } from './confirm.ts';
import { findRegistered, forgetRegistration, recordRegistration, type Registered } from './records.ts';

/** What earlier executions of the same package have left. */
interface History {
  /** Registered by an execution whose run did not live to record it; recorded now. */
  readonly found: readonly Registered[];
  /** The newest execution that was not stopped and whose packaging succeeded: its package can be registered elsewhere without a new one. */
  readonly packagedBy: string | undefined;
  /** Executions of this package that had ended at the time of the search. */
  readonly ended: ReadonlySet<string>;
}

export interface HistoryContext extends ConfirmContext, WaitContext {
  readonly aws: Aws;
  readonly clock: Clock;
  readonly runner: Pick<Runner, 'info'>;
}

/** How many executions are searched: the newest ones of a package are enough. */
const EXECUTIONS_SEARCHED = 5;

/** What an execution registers, as its description says: region=fingerprint pairs, then who started it. */
export function executionDescription(missing: readonly Registration[], runUrl: string): string {
  const pairs = missing.map(({ region, fingerprint }) => `${region}=${fingerprint}`).join(' ');
  return `Registers ${pairs}; started by ${runUrl}`;
}

/** Looks back at ended executions of the same package fingerprint, newest first. */
async function searchHistory(plan: Plan, missing: readonly Registration[], context: HistoryContext): Promise<History> {
  const { aws, clock } = context;
  const all = await endedExecutions(plan, context);
  const same = all.slice(0, EXECUTIONS_SEARCHED);
  const ended = await Promise.all(
    same.map(async (execution) => ({ execution, steps: await aws.pipelines.steps(execution.arn) })),
  );
  const found: Registered[] = [];
  for (const { execution, steps } of ended) {
    const open = missing.filter((registration) => !found.some((entry) => entry.registration === registration));
    const { confirmed, problems } = await confirmPackages(registeredBy(execution, open), { execution, steps }, context);
    // What cannot be confirmed is registered anew; a file that names somebody else's package is no accident.
    const foreign = problems.find(({ code }) => code === 'registration-mismatch');
    if (foreign !== undefined) throw foreign;
    found.push(...confirmed);
  }
  await Promise.all(found.map((entry) => recordRegistration(aws, entry, clock.nowMs())));
  const arns = new Set(all.map(({ arn }) => arn));
  return { found, ended: arns, packagedBy: ended.find(canBeSource)?.execution.arn };
}

/**
 * Ended executions of the same package, newest first. One that is stopping can still register: its end is awaited, so that
 * what it did is known before anything is started.
 */
export async function endedExecutions(plan: Plan, context: HistoryContext): Promise<readonly ExecutionSummary[]> {
  const { aws, runner } = context;
  const waiting = beginWait(context, 'the end of an earlier execution that is stopping');
  for (let first = true; ; first = false) {
    const recent = await aws.pipelines.recent(plan.pipeline.name);
    const same = recent.filter(({ displayName }) => displayName.startsWith(`${plan.fingerprint.slice(0, 12)}-`));
    if (!same.some(({ status }) => status === 'Stopping')) return same.filter(({ status }) => status !== 'Executing');
    if (first) runner.info('An earlier execution of this deployment is still stopping; waiting for its end.');
    await waiting.pause();
  }
}

function registeredBy({ description }: ExecutionSummary, missing: readonly Registration[]): readonly Registration[] {
  return missing.filter(({ region, fingerprint }) => description.includes(`${region}=${fingerprint}`));
}

/** SageMaker runs selected steps on the results of an execution that Succeeded or Failed, of no other. */
function canBeSource({ execution, steps }: { execution: ExecutionSummary; steps: readonly StepState[] }): boolean {
  return ['Succeeded', 'Failed'].includes(execution.status) && steps.some(hasPackaged);
}

function hasPackaged({ name, status }: StepState): boolean {
  return name === PACKAGING_STEP && status === 'Succeeded';
}

/** What is registered already, what is left to do, and how. */
export interface OpenRegistrations {
  readonly registered: readonly Registered[];
  readonly missing: readonly Registration[];
  /** Only the missing registrations run, on the package of an earlier execution. */
  readonly selective: SelectiveStart | undefined;
  /** No such execution is left: a definition of just the missing regions is run. */
  readonly narrow: boolean;
  /** Executions of this package that had ended when this was decided. */
  readonly ended: ReadonlySet<string>;
}

/** Decides what this deployment has to register. `again` asks for everything anew. */
export async function findOpenRegistrations(
  plan: Plan,
  inputs: Inputs,
  context: HistoryContext,
): Promise<OpenRegistrations> {
  const all = {
    registered: [],
    missing: plan.registrations,
    selective: undefined,
    narrow: false,
    ended: new Set<string>(),
  };
  if (inputs.ifRegistered === 'again') {
    await Promise.all(plan.registrations.map((registration) => forgetRegistration(registration, context.aws)));
    return { ...all, ended: new Set((await endedExecutions(plan, context)).map(({ arn }) => arn)) };
  }
  const { registered, missing } = await findRegistered(plan, context.aws, context.onConfirmed);
  if (missing.length === 0) return { ...all, registered, missing };
  const history = await searchHistory(plan, missing, context);
  const found = [...registered, ...history.found];
  const open = missing.filter((registration) => !history.found.some((entry) => entry.registration === registration));
  const inOrder = plan.registrations.flatMap((registration) =>
    found.filter((entry) => entry.registration === registration),
  );
  const partial = found.length > 0 && open.length > 0;
  const sourceArn = partial ? history.packagedBy : undefined;
  return {
    registered: inOrder,
    missing: open,
    selective: sourceArn === undefined ? undefined : { sourceArn, steps: open.map(({ stepName }) => stepName) },
    narrow: partial && sourceArn === undefined,
    ended: history.ended,
  };
}
