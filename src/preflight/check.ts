import type { Config } from '../config/index.ts';
import type { DeployError, ErrorCode, Result } from '../core/errors.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Inspection } from '../inspect/index.ts';
import type { Plan, Request } from '../plan/types.ts';

/**
 * `suggestion` is a passed check that found something to gain; `not-made` is one that permissions, or missing credentials,
 * did not allow. Only `failed` stops a deployment.
 */
export type CheckResult = 'passed' | 'suggestion' | 'warning' | 'failed' | 'not-made';

/** One thing that was checked before anything is created. Data: the log, the summary and plan-path show the same. */
export interface Check {
  readonly name: CheckName;
  readonly result: CheckResult;
  /** What was found, and what was expected where that differs; a sentence. */
  readonly found: string;
  /** What it costs to find this out in the pipeline instead; a phrase. Only where it is not passed. */
  readonly cost?: string;
  /** What to do about it; a sentence. */
  readonly fix?: string;
  /** For failed ones: the code of the error that this check alone would be. */
  readonly code?: ErrorCode;
}

/** In the order in which they are shown. */
export const CHECK_NAMES = [
  'credentials',
  'pipeline-role',
  'buckets',
  'model',
  'model-archive',
  'model-code',
  'entry-point',
  'inference-code',
  'packager',
  'plan',
  'disk',
  'images',
  'instance-types',
  'groups',
  'regional-buckets',
  'network',
  'encryption',
  'runner',
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

/** Everything that the checks judge. They are pure: the inspection is done before. */
export interface CheckInput {
  readonly config: Config;
  readonly inputs: Inputs;
  readonly request: Request;
  readonly inspection: Inspection;
  /** What was planned, or why nothing could be. */
  readonly plan: Result<Plan>;
}

export type CheckFunction = (view: CheckInput) => Check;

/** What it costs to find something out in the pipeline: a processing job takes 2 to 8 minutes to come up. */
export const COSTS = {
  start: 'the start is refused after a minute of preparations',
  modelStep: 'the model step fails at once, with a definition already in place',
  packaging: 'the packaging job fails after 3 to 10 minutes',
  verification: 'the packaging job fails when it verifies the package, after 5 to 15 minutes',
  registration: 'the registration job fails after packaging, 10 to 20 minutes later',
} as const;

/** A check that could not be made because of permissions, credentials or the network: not a fault of the deployment. */
export function notMade(name: CheckName, error: DeployError): Check {
  return {
    name,
    result: 'not-made',
    found: error.message,
    ...(error.advice === '' ? {} : { fix: error.advice }),
  };
}

type Failure = Pick<DeployError, 'code' | 'message' | 'advice'>;

/** What an inspection itself found wrong, as a failed check. */
export function failedBy(name: CheckName, error: Failure, cost?: string): Check {
  const { code, message, advice } = error;
  return { name, result: 'failed', found: message, fix: advice, code, ...(cost === undefined ? {} : { cost }) };
}
