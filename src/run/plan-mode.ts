import type { Aws } from '../aws/types.ts';
import { compare, type Comparison } from '../compare/index.ts';
import { DeployError } from '../core/errors.ts';
import type { Inspection } from '../inspect/index.ts';
import { loadTestCostSentence, planLoadTest } from '../plan/load-test.ts';
import type { Plan } from '../plan/types.ts';
import { refusedBy } from '../preflight/index.ts';
import { rejectedAdvice, rejectedText } from '../registry/approval.ts';
import { reportComparison, reportPlanFile } from '../report/index.ts';
import { recordEnd } from '../report/record.ts';
import type { RunContext } from './dependencies.ts';
import { notRegistered } from './not-registered.ts';
import { checkRegions, refuseCancelled, type RunRequest } from './prepare.ts';

/** What is asked for, what was found, and what was planned on it. */
interface PlannedRun extends RunRequest {
  readonly inspection: Inspection;
  readonly plan: Plan;
}

/**
 * Mode plan: compares, shows, and changes nothing. Red where a deployment would fail: by a failed check, or by a package
 * that somebody has rejected. What could not be inspected is said, and makes nothing red.
 */
export async function showPlan(planned: PlannedRun, context: RunContext): Promise<void> {
  const { config, inputs, inspection, plan } = planned;
  const { aws, record, runner } = context;
  const [compared] = await Promise.all([
    compare(plan, { inputs, inspection }, aws),
    inspection.identity.ok ? checkRegions(plan.registrations, config, context) : [],
  ]);
  // What was not answered in time would be told as unknown, and the plan as green.
  refuseCancelled(context);
  const comparison = inputs.loadTest === 'off' ? compared : { ...compared, loadTest: loadTestCost(planned) };
  record.comparison = comparison;
  const checks = record.checks ?? [];
  reportComparison(comparison, runner);
  reportPlanFile({ config, plan, comparison, checks }, runner);
  const blocking =
    refusedBy(checks) ?? comparison.mismatch ?? rejected(comparison) ?? (await missing(comparison, planned, aws));
  if (blocking !== undefined) throw blocking;
  recordEnd(record, 'planned');
}

function loadTestCost({ config, plan }: PlannedRun): string {
  return loadTestCostSentence(planLoadTest(config, plan.parameters['InferenceInstanceType'] ?? ''));
}

/** With `if-registered: require` a deployment of this fails, too. */
async function missing(
  { registrations }: Comparison,
  { inputs, plan }: PlannedRun,
  aws: Aws,
): Promise<DeployError | undefined> {
  const open = registrations.filter(({ state }) => state === 'to register').map(({ registration }) => registration);
  return inputs.ifRegistered === 'require' && open.length > 0 ? notRegistered(plan, open, aws) : undefined;
}

function rejected({ registrations }: Comparison): DeployError | undefined {
  const refused = registrations.find((entry) => entry.refused === true);
  if (refused === undefined) return undefined;
  const message = rejectedText(refused.arn ?? '', refused.registration);
  return new DeployError('registered-rejected', message, { advice: rejectedAdvice });
}
