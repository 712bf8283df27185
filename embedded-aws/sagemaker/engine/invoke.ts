import { AwsError, type JsonObject } from '../../contracts.ts';
import type { Call } from '../service.ts';
import { validateRequest } from '../validate.ts';
import { callOf, type Run, StepFailure } from './run.ts';

/**
 * The API call of a step, checked as any other call is.
 *
 * @throws StepFailure as SageMaker words it
 */
export function invoke<Answer>(
  run: Run,
  operation: string,
  request: { input: JsonObject; handle: (input: JsonObject, call: Call) => Answer },
): Answer {
  try {
    const fault = run.service.options.stepFault(operation);
    if (fault !== undefined) throw fault;
    validateRequest(operation, request.input);
    return request.handle(request.input, callOf(run));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const reason = `ClientError: Failed to invoke sagemaker:${operation}. Error Details: ${error.message}`;
    throw new StepFailure(reason, exceptionTypeOf(error));
  }
}

function exceptionTypeOf(error: AwsError): string | undefined {
  if (error.httpStatus >= 500) return 'Step.SERVICE_FAULT';
  if (/throttl|toomanyrequests/i.test(error.code)) return 'Step.THROTTLING';
  if (/capacity/i.test(error.code)) return 'SageMaker.CAPACITY_ERROR';
  return error.code === 'ResourceLimitExceeded' ? 'SageMaker.RESOURCE_LIMIT' : undefined;
}
