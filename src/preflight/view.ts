import type { Config } from '../config/index.ts';
import type { DeployError } from '../core/errors.ts';
import type { Sighting } from '../core/result.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Sightings } from '../inspect/index.ts';
import type { Plan, Request } from '../plan/types.ts';
import type { Check, CheckName } from './check.ts';

/** Everything that the checks judge. They are pure: all looking was done before. */
export interface View {
  readonly config: Config;
  readonly inputs: Inputs;
  readonly request: Request;
  readonly sights: Sightings;
  /** What was planned, or why nothing could be. */
  readonly plan: Sighting<Plan>;
}

export type CheckFunction = (view: View) => Check;

/** What it costs to find something out in the pipeline: a processing job takes 2 to 8 minutes to come up. */
export const COSTS = {
  start: 'the start is refused after a minute of preparations',
  modelStep: 'the model step fails at once, with a definition already in place',
  packaging: 'the packaging job fails after 3 to 10 minutes',
  verification: 'the packaging job fails when it verifies the package, after 5 to 15 minutes',
  registration: 'the registration job fails after packaging, 10 to 20 minutes later',
} as const;

/** A look that could not be taken: permissions, credentials or the network, none of them the deployment's fault. */
export function notMade(name: CheckName, error: DeployError): Check {
  return {
    name,
    result: 'not-made',
    found: error.message,
    ...(error.advice === '' ? {} : { fix: error.advice }),
  };
}

type Failure = Pick<DeployError, 'code' | 'message' | 'advice'>;

/** What a look itself found wrong, as a failed check. */
export function failedBy(name: CheckName, error: Failure, cost?: string): Check {
  const { code, message, advice } = error;
  return { name, result: 'failed', found: message, fix: advice, code, ...(cost === undefined ? {} : { cost }) };
}
