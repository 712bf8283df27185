import type { Aws } from '../aws/types.ts';
import type { Config } from '../config/index.ts';
import { asDeployError } from '../core/errors.ts';
import type { Files } from '../core/files.ts';
import { resultOf, type Result } from '../core/result.ts';
import type { Inputs } from '../inputs/index.ts';
import { factsOf, inspect, type Inspection } from '../inspect/index.ts';
import { buildPlan } from '../plan/plan.ts';
import type { Facts, Plan, Request } from '../plan/types.ts';
import { type Check, preflight } from '../preflight/index.ts';

/** What a run is asked for, read and checked. */
export interface Asked {
  readonly inputs: Inputs;
  readonly config: Config;
  readonly request: Request;
}

/** What was seen, what is planned on it, and how it was judged. */
export interface Looked {
  readonly inspection: Inspection;
  readonly facts: Facts;
  readonly plan: Result<Plan>;
  readonly checks: readonly Check[];
}

export interface LookContext {
  readonly aws: Aws;
  readonly files: Files;
  readonly containerFolder: string;
}

/** Looks, plans and judges; nothing is changed. Throws only for a defect: what is wrong is told by the checks. */
export async function look(asked: Asked, context: LookContext): Promise<Looked> {
  const { inputs, config, request } = asked;
  const inspection = await inspect(config, inputs, context);
  const facts = factsOf(inspection, inputs, request);
  const plan = await resultOf(buildPlan(config, facts, request));
  if (!plan.ok && plan.error.code === 'internal') throw asDeployError(plan.error);
  return { inspection, facts, plan, checks: preflight({ config, inputs, request, inspection, plan }) };
}
