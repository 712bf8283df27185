import { asDeployError, type DeployError, stackOf } from '../core/errors.ts';
import type { Runner } from '../core/runner.ts';
import type { Unfinished } from '../report/record.ts';

/** Whatever was thrown, as the end of a run; the stack goes to debug. */
export function failure(thrown: unknown, runner: Pick<Runner, 'debug'>): Unfinished {
  runner.debug(stackOf(thrown));
  return failed(asDeployError(thrown));
}

export function failed(error: DeployError): Unfinished {
  const status = error.code === 'cancelled' ? 'cancelled' : 'failed';
  return { status, packages: [], steps: [], explanations: [], error, warnings: [] };
}
