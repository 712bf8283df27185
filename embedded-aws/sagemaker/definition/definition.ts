import type { AwsError, Json, JsonObject } from '../../contracts.ts';
import { validationError } from '../errors.ts';

export type ParameterType = 'String' | 'Integer' | 'Float' | 'Boolean';

export type ParameterValue = string | number | boolean;

export type ParameterDeclaration = {
  readonly name: string;
  readonly type: ParameterType;
  readonly defaultValue?: ParameterValue;
  readonly enumValues?: readonly ParameterValue[];
};

export type StepType = 'Model' | 'Processing' | 'RegisterModel';

export type RetryPolicy = {
  readonly exceptionTypes: readonly string[];
  readonly intervalSeconds: number;
  readonly backoffRate: number;
  readonly maxAttempts?: number;
  readonly expireAfterMin?: number;
};

export type PropertyFile = { readonly name: string; readonly outputName: string; readonly filePath: string };

export type StepDefinition = {
  readonly name: string;
  readonly type: StepType;
  readonly arguments: JsonObject;
  readonly displayName?: string;
  readonly description?: string;
  readonly retryPolicies: readonly RetryPolicy[];
  /** Set where the cache is enabled. */
  readonly cacheExpiresAfterMs?: number;
  readonly propertyFiles: readonly PropertyFile[];
  /** Steps that must have succeeded before: DependsOn, and every step that the arguments refer to. */
  readonly needs: readonly string[];
};

export type Definition = {
  readonly parameters: readonly ParameterDeclaration[];
  /** ExperimentName and TrialName, still with their expressions. */
  readonly experiment?: JsonObject;
  readonly steps: readonly StepDefinition[];
};

/** SageMaker begins every complaint about a definition with these words. */
export function definitionError(message: string): AwsError {
  return validationError(`Unable to parse pipeline definition. ${message}`);
}

/** The value as an object, or the error that SageMaker has for anything else. */
export function expectObject(value: Json | undefined, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw definitionError(`Expecting start of Json Object. (${where} is ${describe(value)})`);
}

export function expectArray(value: Json | undefined, where: string): Json[] {
  if (Array.isArray(value)) return value;
  throw definitionError(`Expecting start of Json Array. (${where} is ${describe(value)})`);
}

export function expectString(value: Json | undefined, where: string): string {
  if (typeof value === 'string') return value;
  throw definitionError(`${where} is ${describe(value)}; expected a string.`);
}

export function refuseUnknownMembers(value: JsonObject, known: readonly string[], where: string): void {
  for (const member of Object.keys(value)) {
    if (!known.includes(member)) {
      throw definitionError(`Unknown member '${member}' in ${where}; it takes ${known.join(', ')}.`);
    }
  }
}

export function describe(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  const json = JSON.stringify(value);
  return json.length > 80 ? `${json.slice(0, 80)}...` : json;
}
