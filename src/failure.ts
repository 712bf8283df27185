import { asDeployError, type DeployError } from './errors.ts';
import type { Unfinished } from './result.ts';
import type { Runner } from './runner.ts';
import { stackOf } from './text/stack.ts';

/** Whatever was thrown, as the end of a run; the stack goes to debug. */
export function failure(thrown: unknown, runner: Pick<Runner, 'debug'>): Unfinished {
  runner.debug(stackOf(thrown));
  return failed(asDeployError(thrown));
}

export function failed(error: DeployError): Unfinished {
  const status = error.code === 'cancelled' ? 'cancelled' : 'failed';
  return { status, packages: [], steps: [], explanations: [], error, warnings: [] };
}
