import type { AnswerBook } from '../answers.ts';
import { AwsError } from '../contracts.ts';

export function validationError(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFound', message);
}

export function conflict(message: string): AwsError {
  return new AwsError('ConflictException', message);
}

export function alreadyExists(message: string, answers: AnswerBook): AwsError {
  return answers.is('already-exists', 'conflict') ? conflict(message) : validationError(message);
}

/** In AWS's own words, so that what looks for them elsewhere finds them here. */
export function limitExceeded(limit: string, most: number): AwsError {
  return new AwsError(
    'ResourceLimitExceeded',
    `The account-level service limit '${limit}' is ${most}, with current utilization of ${most} and a request delta of 1. ` +
      'Please use AWS Service Quotas to request an increase for this limit.',
  );
}
