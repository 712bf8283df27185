import type { SelectiveStart } from '../aws/types.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Plan, Registration } from '../plan/types.ts';
import { endedExecutions, type HistoryContext, lookBack } from './history.ts';
import { findRegistered, forgetRegistration, type Registered } from './records.ts';

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
export async function openRegistrations(
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
  const { registered, missing } = await findRegistered(plan, context.aws);
  if (missing.length === 0) return { ...all, registered, missing };
  const history = await lookBack(plan, missing, context);
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
