import type { JsonObject } from '../contracts.ts';
import { AwsError } from '../contracts.ts';

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function notFound(what: 'group' | 'stream'): AwsError {
  return new AwsError('ResourceNotFoundException', `The specified log ${what} does not exist.`);
}

/** @throws AwsError InvalidParameterException where it is missing or no text */
export function requiredText(input: JsonObject, name: string): string {
  const value = input[name];
  if (typeof value === 'string' && value !== '') return value;
  const found = typeof value === 'string' ? `'${value}'` : 'null';
  const constraint = value === '' ? 'Member must have length greater than or equal to 1' : 'Member must not be null';
  throw invalidParameter(
    `1 validation error detected: Value ${found} at '${name}' failed to satisfy constraint: ${constraint}`,
  );
}

export function optionalText(input: JsonObject, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
}

export function optionalNumber(input: JsonObject, name: string): number | undefined {
  const value = input[name];
  return typeof value === 'number' ? value : undefined;
}

/** @throws AwsError InvalidParameterException */
export function readLimit(input: JsonObject, most: number): number {
  const limit = optionalNumber(input, 'limit') ?? most;
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  const bound = limit < 1 ? 'greater than or equal to 1' : `less than or equal to ${most}`;
  throw invalidParameter(
    `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value ${bound}`,
  );
}

/** The group's name, be it given as a name or as an ARN (`logGroupIdentifier`). */
export function groupName(input: JsonObject): string {
  const identifier = optionalText(input, 'logGroupIdentifier');
  if (identifier === undefined) return requiredText(input, 'logGroupName');
  if (input['logGroupName'] !== undefined) {
    throw invalidParameter('LogGroup name and LogGroup ARN are mutually exclusive parameters.');
  }
  return identifier.replace(/^arn:aws[a-z-]*:logs:[^:]*:\d*:log-group:/, '').replace(/:\*$/, '');
}

/** Tokens are opaque to clients; these carry where to go on. */
export function writeToken(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** @throws AwsError InvalidParameterException */
export function readToken(token: string | undefined): JsonObject | undefined {
  if (token === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Falls through to the refusal.
  }
  throw invalidParameter('The specified nextToken is invalid.');
}
