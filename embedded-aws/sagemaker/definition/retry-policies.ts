import type { Json } from '../../contracts.ts';
import {
  definitionError,
  describe,
  expectArray,
  expectObject,
  refuseUnknownMembers,
  type RetryPolicy,
  type StepType,
} from './definition.ts';

const stepExceptions = ['Step.SERVICE_FAULT', 'Step.THROTTLING'];
const jobExceptions = ['SageMaker.JOB_INTERNAL_ERROR', 'SageMaker.CAPACITY_ERROR', 'SageMaker.RESOURCE_LIMIT'];

/** Defaults and ranges of "Retry Policy for Pipeline Steps" in AWS's developer guide. */
const defaults = { intervalSeconds: 1, backoffRate: 2, maxAttempts: 5 };
const mostAttempts = 20;
const longestExpiryMin = 14_400;

export function readRetryPolicies(value: Json | undefined, step: { name: string; type: StepType }): RetryPolicy[] {
  if (value === undefined) return [];
  return expectArray(value, `RetryPolicies of step '${step.name}'`).map((item, index) =>
    readPolicy(item, step.type, `RetryPolicies[${index}] of step '${step.name}'`),
  );
}

function readPolicy(value: Json, stepType: StepType, where: string): RetryPolicy {
  const policy = expectObject(value, where);
  const members = ['ExceptionType', 'IntervalSeconds', 'BackoffRate', 'MaxAttempts', 'ExpireAfterMin'];
  refuseUnknownMembers(policy, members, where);
  if (policy['MaxAttempts'] !== undefined && policy['ExpireAfterMin'] !== undefined) {
    throw definitionError(`${where} has both MaxAttempts and ExpireAfterMin; only one of them can be given.`);
  }
  const integers = { most: Number.MAX_SAFE_INTEGER, integer: true };
  const interval = readNumber(policy['IntervalSeconds'], `IntervalSeconds in ${where}`, integers);
  const backoff = readNumber(policy['BackoffRate'], `BackoffRate in ${where}`, {
    most: Number.MAX_VALUE,
    integer: false,
  });
  const attempts = readNumber(policy['MaxAttempts'], `MaxAttempts in ${where}`, { most: mostAttempts, integer: true });
  const expiry = readNumber(policy['ExpireAfterMin'], `ExpireAfterMin in ${where}`, {
    most: longestExpiryMin,
    integer: true,
  });
  return {
    exceptionTypes: readExceptionTypes(policy['ExceptionType'], stepType, where),
    intervalSeconds: interval ?? defaults.intervalSeconds,
    backoffRate: backoff ?? defaults.backoffRate,
    ...(expiry === undefined ? { maxAttempts: attempts ?? defaults.maxAttempts } : { expireAfterMin: expiry }),
  };
}

function readExceptionTypes(value: Json | undefined, stepType: StepType, where: string): string[] {
  const allowed = stepType === 'Processing' ? [...stepExceptions, ...jobExceptions] : stepExceptions;
  const types = expectArray(value, `ExceptionType in ${where}`);
  if (types.length === 0) throw definitionError(`ExceptionType in ${where} is empty.`);
  return types.map((type) => {
    if (typeof type === 'string' && allowed.includes(type)) return type;
    throw definitionError(
      `ExceptionType in ${where} holds ${describe(type)}; for a step of type ${stepType} it can hold ${allowed.join(', ')}.`,
    );
  });
}

/** A number of at least 1, which is the least for each of these. */
function readNumber(
  value: Json | undefined,
  what: string,
  range: { most: number; integer: boolean },
): number | undefined {
  if (value === undefined) return undefined;
  const kind = range.integer ? 'an integer' : 'a number';
  if (typeof value === 'number' && value >= 1 && value <= range.most && (!range.integer || Number.isInteger(value)))
    return value;
  const upTo = range.most < Number.MAX_SAFE_INTEGER ? ` to ${range.most}` : ' or more';
  throw definitionError(`${what} is ${describe(value)}; expected ${kind} of 1${upTo}.`);
}
