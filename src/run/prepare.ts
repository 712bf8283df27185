import type { Config } from '../config/index.ts';
import { asDeployError, cancelledBeforeStart } from '../core/errors.ts';
import type { Files } from '../core/files.ts';
import { type Result, resultOf } from '../core/result.ts';
import type { Inputs } from '../inputs/index.ts';
import { inspectRegions } from '../inspect/buckets.ts';
import { factsOf, inspect, type Inspection } from '../inspect/index.ts';
import { buildPlan } from '../plan/plan.ts';
import type { Facts, Plan, Request } from '../plan/types.ts';
import { type Check, preflight, regionalChecks, wordedCheck } from '../preflight/index.ts';
import { reportChecks } from '../report/index.ts';
import type { RunContext } from './dependencies.ts';

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

/** Inspects, plans and checks; nothing is changed. Throws only for a defect: what is wrong is in the checks. */
export async function prepareRun(
  run: RunRequest,
  context: RunContext & { readonly files: Files },
): Promise<Preparation> {
  const { inputs, config, request } = run;
  const inspection = await inspect(config, inputs, context);
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
  const found = regionalChecks(await inspectRegions(registrations, config, aws));
  const checks = found.map((check) => wordedCheck(check, runner.words));
  record.checks = [...(record.checks ?? []), ...checks];
  reportChecks(checks, runner, 'Preflight by region');
  return checks;
}

export function refuseCancelled({ cancelled }: { readonly cancelled: AbortSignal }): void {
  if (cancelled.aborted) throw cancelledBeforeStart();
}
