import type { Json, JsonObject } from '../../contracts.ts';
import { AwsError } from '../../contracts.ts';
import { isObject, object, objects, text } from '../json.ts';
import { unknownMembers, validateRequest } from '../validate.ts';
import { readCacheConfig } from './cache-config.ts';
import {
  definitionError,
  describe,
  expectArray,
  expectObject,
  expectString,
  type PropertyFile,
  refuseUnknownMembers,
  type StepDefinition,
  type StepType,
} from './definition.ts';
import { isExpression } from './expression.ts';
import { readRetryPolicies } from './retry-policies.ts';

/** The call that a step stands for, and the member of it that is SageMaker's to fill in. */
const stepCalls: Readonly<Record<StepType, { operation: string; named: string }>> = {
  Model: { operation: 'CreateModel', named: 'ModelName' },
  Processing: { operation: 'CreateProcessingJob', named: 'ProcessingJobName' },
  RegisterModel: { operation: 'CreateModelPackage', named: 'ModelPackageName' },
};

/** Step types of SageMaker that the embedded AWS does not run. */
const otherTypes = [
  'Training',
  'Tuning',
  'Transform',
  'Condition',
  'Fail',
  'Lambda',
  'Callback',
  'EMR',
  'EMRServerless',
  'AutoML',
  'QualityCheck',
  'ClarifyCheck',
  'NotebookJob',
  'Endpoint',
  'EndpointConfig',
  'InferenceComponent',
];

const members = [
  'Name',
  'Type',
  'Arguments',
  'DependsOn',
  'DisplayName',
  'Description',
  'RetryPolicies',
  'CacheConfig',
  'PropertyFiles',
];

/** A step with what it says itself; `needs` holds DependsOn only, references come later. */
export function readStep(value: Json, index: number): StepDefinition {
  const step = expectObject(value, `Steps[${index}]`);
  const name = expectString(step['Name'], `The Name of Steps[${index}]`);
  if (!/^[A-Za-z0-9\-_]{1,64}$/.test(name)) {
    throw definitionError(`The step name ${describe(name)} must have 1 to 64 letters, digits, '-' and '_'.`);
  }
  const where = `step '${name}'`;
  const type = readType(step['Type'], where);
  refuseUnknownMembers(step, members, where);
  const stepArguments = expectObject(step['Arguments'], `Arguments of ${where}`);
  checkArguments(stepArguments, type, where);
  const displayName = readText(step['DisplayName'], `DisplayName of ${where}`, 256);
  const description = readText(step['Description'], `Description of ${where}`, 3072);
  const cacheExpiresAfterMs = readCacheConfig(step['CacheConfig'], { name, type });
  return {
    name,
    type,
    arguments: stepArguments,
    ...(displayName === undefined ? {} : { displayName }),
    ...(description === undefined ? {} : { description }),
    ...(cacheExpiresAfterMs === undefined ? {} : { cacheExpiresAfterMs }),
    retryPolicies: readRetryPolicies(step['RetryPolicies'], { name, type }),
    propertyFiles: readPropertyFiles(step['PropertyFiles'], { name, type, arguments: stepArguments }),
    needs: readDependsOn(step['DependsOn'], where),
  };
}

function readType(value: Json | undefined, where: string): StepType {
  if (value === 'Model' || value === 'Processing' || value === 'RegisterModel') return value;
  if (typeof value === 'string' && otherTypes.includes(value)) {
    throw definitionError(
      `The type ${value} of ${where} is not supported by the embedded AWS, which runs Model, Processing and RegisterModel.`,
    );
  }
  throw definitionError(`Unknown step type ${describe(value)} of ${where}.`);
}

function readText(value: Json | undefined, what: string, longest: number): string | undefined {
  if (value === undefined) return undefined;
  const found = expectString(value, what);
  if (found.length <= longest) return found;
  throw definitionError(`${what} has ${found.length} characters; the limit is ${longest}.`);
}

function readDependsOn(value: Json | undefined, where: string): string[] {
  if (value === undefined) return [];
  return expectArray(value, `DependsOn of ${where}`).map((item) =>
    expectString(item, `An entry in DependsOn of ${where}`),
  );
}

/** Literal arguments are checked against the call right away; expressions may become anything. */
function checkArguments(stepArguments: JsonObject, type: StepType, where: string): void {
  const { operation, named } = stepCalls[type];
  const options = { isPlaceholder: isExpression, omit: [named] };
  const unknown = unknownMembers(operation, stepArguments, options)[0];
  if (unknown !== undefined) {
    throw definitionError(`Unknown Argument member '${unknown.split('.').at(-1)}'. (${where}: ${unknown})`);
  }
  try {
    validateRequest(operation, stepArguments, options);
  } catch (error) {
    if (error instanceof AwsError) throw definitionError(`Arguments of ${where}: ${error.message}`);
    throw error;
  }
}

function readPropertyFiles(
  value: Json | undefined,
  step: { name: string; type: StepType; arguments: JsonObject },
): PropertyFile[] {
  if (value === undefined) return [];
  const where = `PropertyFiles of step '${step.name}'`;
  const list = expectArray(value, where);
  if (list.length > 0 && step.type !== 'Processing') {
    throw definitionError(`${where}: only steps of type Processing have property files.`);
  }
  const outputs = objects(object(step.arguments, 'ProcessingOutputConfig') ?? {}, 'Outputs');
  return list.map((item, index) => {
    const file = isObject(item) ? item : expectObject(item, `${where}[${index}]`);
    refuseUnknownMembers(file, ['PropertyFileName', 'OutputName', 'FilePath'], `${where}[${index}]`);
    const outputName = expectString(file['OutputName'], `OutputName in ${where}`);
    if (!outputs.some((output) => text(output, 'OutputName') === outputName)) {
      throw definitionError(`${where} names the output '${outputName}', which the step does not have.`);
    }
    return {
      name: expectString(file['PropertyFileName'], `PropertyFileName in ${where}`),
      outputName,
      filePath: expectString(file['FilePath'], `FilePath in ${where}`),
    };
  });
}
