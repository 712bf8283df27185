import type { Config } from '../config/index.ts';
import { asDeployError, cancelledBeforeStart, DeployError } from '../core/errors.ts';
import type { Files } from '../core/files.ts';
import { type Result, resultOf } from '../core/result.ts';
import type { Inputs } from '../inputs/index.ts';
import { inspectRegions } from '../inspect/buckets.ts';
import { planDigest } from '../plan/identity.ts';
import { factsOf, inspect, type Inspection, withUploadedModel } from '../inspect/index.ts';
import { buildPlan } from '../plan/plan.ts';
import type { Facts, Plan, Request } from '../plan/types.ts';
import { type Check, preflight, refusal, regionalChecks } from '../preflight/index.ts';
import { reportChecks } from '../report/index.ts';
import type { RunContext } from './dependencies.ts';
import { uploadModel } from './upload.ts';

/** What a run is asked for, read and checked. */
export interface RunRequest {
  readonly inputs: Inputs;
  readonly config: Config;
  readonly request: Request;
}

/** What was found, what is planned on it, and how it was judged. */
export interface Preparation {
  readonly inspection: Inspection;
  readonly facts: Facts;
  readonly plan: Result<Plan>;
  readonly checks: readonly Check[];
}

/**
 * Inspects, plans and checks; nothing is changed, but a deployment's local archive is uploaded where nothing is wrong.
 * Throws only for a defect, or a failed upload: what is wrong is in the checks.
 */
export async function prepareRun(
  run: RunRequest,
  context: RunContext & { readonly files: Files },
): Promise<Preparation> {
  const inspection = await inspect(run.config, run.inputs, context);
  const prepared = await judge(run, inspection);
  if (run.inputs.mode !== 'deploy' || run.inputs.model.file === undefined) return prepared;
  // Only what preflight lets through is uploaded; then it is known as what.
  if (refusal(prepared.checks, inspection) !== undefined) return prepared;
  refuseCancelled(context);
  await uploadModel(run.inputs, context);
  return judge(run, await withUploadedModel(inspection, run.inputs, context.aws));
}

/** Plans and checks. */
async function judge(run: RunRequest, inspection: Inspection): Promise<Preparation> {
  const { inputs, config, request } = run;
  const facts = factsOf(inspection, inputs, request);
  const plan = await resultOf(buildPlan(config, facts, request));
  if (!plan.ok && plan.error.code === 'internal') throw asDeployError(plan.error);
  return { inspection, facts, plan, checks: preflight({ config, inputs, request, inspection, plan }) };
}

/** Checks what the given regions need, and adds it to the record. */
export async function checkRegions(
  registrations: Plan['registrations'],
  config: Config,
  { aws, runner, record }: RunContext,
): Promise<readonly Check[]> {
  const checks = regionalChecks(await inspectRegions(registrations, config, aws));
  record.checks = [...(record.checks ?? []), ...checks];
  reportChecks(checks, runner);
  return checks;
}

/** @throws DeployError `plan-changed` where another plan was reviewed than the one that would be carried out */
export function refuseOtherPlan(plan: Plan, { expectPlanDigest }: Inputs): void {
  const digest = planDigest(plan);
  if (expectPlanDigest === undefined || digest === expectPlanDigest) return;
  throw new DeployError(
    'plan-changed',
    `What would be deployed is not what was reviewed: its plan has the digest ${digest ?? 'unknown'}; expected ${expectPlanDigest} (input expect-plan-digest).`,
    {
      advice:
        'Nothing was created. Run mode: plan with this commit, this version of the action and these inputs, have what it shows reviewed, and give its plan-digest.',
    },
  );
}

export function refuseCancelled({ cancelled }: { readonly cancelled: AbortSignal }): void {
  if (cancelled.aborted) throw cancelledBeforeStart();
}
