import { compare, type Comparison } from '../compare/index.ts';
import { DeployError } from '../core/errors.ts';
import { inspectRegions } from '../inspect/buckets.ts';
import type { Plan } from '../plan/types.ts';
import { type Check, refusedBy, regionalChecks } from '../preflight/index.ts';
import { rejectedAdvice, rejectedText } from '../registry/approval.ts';
import { reportChecks, reportComparison, reportPlanFile } from '../report/index.ts';
import type { Unfinished } from '../report/record.ts';
import type { TargetDependencies } from './dependencies.ts';
import { failed } from './failure.ts';
import type { Asked, Looked } from './look.ts';

/** What is asked for, what was seen, and what was planned on it. */
export interface Planned extends Asked {
  readonly looked: Looked;
  readonly plan: Plan;
  readonly checks: readonly Check[];
}

/**
 * Mode plan: compares, shows, and changes nothing. Red where a deployment would fail: by a failed check, or by a package
 * that somebody has rejected. What could not be looked at is told, and makes nothing red.
 */
export async function showPlan(planned: Planned, dependencies: TargetDependencies): Promise<Unfinished> {
  const { config, inputs, looked, plan } = planned;
  const [comparison, regional] = await Promise.all([
    compare(plan, { inputs, inspection: looked.inspection }, dependencies.aws),
    checkAllRegions(planned, dependencies),
  ]);
  const known = { plan, comparison, checks: [...planned.checks, ...regional] };
  reportComparison(comparison, dependencies.runner);
  reportPlanFile({ config, ...known }, dependencies.runner);
  const blocking = refusedBy(known.checks) ?? rejected(comparison);
  const green = { status: 'planned', packages: [], steps: [], explanations: [], warnings: plan.warnings } as const;
  return { ...(blocking === undefined ? green : failed(blocking)), ...known };
}

function rejected({ registrations }: Comparison): DeployError | undefined {
  const refused = registrations.find((entry) => entry.refused === true);
  if (refused === undefined) return undefined;
  const message = rejectedText(refused.arn ?? '', refused.registration);
  return new DeployError('registered-rejected', message, { advice: rejectedAdvice });
}

/** All problems at once: what the regions need is looked at also where nothing will be started. */
export async function checkAllRegions(
  { config, looked, plan }: Pick<Planned, 'config' | 'looked' | 'plan'>,
  { aws, runner }: TargetDependencies,
): Promise<readonly Check[]> {
  if (!looked.inspection.identity.ok) return [];
  const checks = regionalChecks(await inspectRegions(plan.registrations, config, aws));
  reportChecks(checks, runner);
  return checks;
}
