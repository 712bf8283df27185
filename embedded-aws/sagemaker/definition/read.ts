import type { Json, JsonObject } from '../../contracts.ts';
import {
  type Definition,
  definitionError,
  describe,
  expectArray,
  expectObject,
  refuseUnknownMembers,
  type StepDefinition,
} from './definition.ts';
import { expressionsIn } from './expression.ts';
import { refuseCycles } from './graph.ts';
import { readParameters } from './parameters.ts';
import { checkReferences, type Known } from './references.ts';
import { readStep } from './steps.ts';

/** Limits of SageMaker: bytes of a definition, steps in it. */
export const longestDefinitionBytes = 1024 * 1024;
const mostSteps = 50;

/**
 * A pipeline definition, checked as CreatePipeline checks it.
 *
 * @throws AwsError ValidationException with the first thing that is wrong, as SageMaker reports one at a time
 */
export function readDefinition(text: string): Definition {
  if (Buffer.byteLength(text) > longestDefinitionBytes) {
    throw definitionError(`It has ${Buffer.byteLength(text)} bytes; the limit is ${longestDefinitionBytes}.`);
  }
  const root = expectObject(parseJson(text), 'the definition');
  const members = ['Version', 'Metadata', 'Parameters', 'PipelineExperimentConfig', 'Steps'];
  refuseUnknownMembers(root, members, 'the definition');
  if (root['Version'] !== '2020-12-01') {
    throw definitionError(`Version is ${describe(root['Version'])}; expected "2020-12-01".`);
  }
  if (root['Metadata'] !== undefined) expectObject(root['Metadata'], 'Metadata');
  const parameters = readParameters(root['Parameters']);
  const names = new Set(parameters.map((parameter) => parameter.name));
  const steps = readSteps(root['Steps'], names);
  const experiment = readExperiment(root['PipelineExperimentConfig'], names);
  return { parameters, steps, ...(experiment === undefined ? {} : { experiment }) };
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw definitionError(`It is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readSteps(value: Json | undefined, parameters: ReadonlySet<string>): StepDefinition[] {
  const list = expectArray(value, 'Steps');
  if (list.length === 0 || list.length > mostSteps) {
    throw definitionError(`There are ${list.length} steps; expected 1 to ${mostSteps}.`);
  }
  const steps = list.map(readStep);
  const byName = new Map<string, StepDefinition>();
  for (const step of steps) {
    if (byName.has(step.name)) throw definitionError(`There are two steps of the name '${step.name}'.`);
    byName.set(step.name, step);
  }
  const linked = steps.map((step) => ({ ...step, needs: needsOf(step, { parameters, steps: byName }) }));
  refuseCycles(linked);
  return linked;
}

function needsOf(step: StepDefinition, known: Known): string[] {
  for (const name of step.needs) {
    if (!known.steps.has(name)) {
      throw definitionError(`Step '${step.name}' depends on '${name}', which does not exist.`);
    }
  }
  return [...new Set([...step.needs, ...checkReferences(step.arguments, known, `step '${step.name}'`)])];
}

function readExperiment(value: Json | undefined, parameters: ReadonlySet<string>): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  const where = 'PipelineExperimentConfig';
  const experiment = expectObject(value, where);
  refuseUnknownMembers(experiment, ['ExperimentName', 'TrialName'], where);
  for (const expression of expressionsIn(experiment)) {
    if (expression.kind === 'jsonGet' || (expression.kind === 'get' && expression.reference.kind === 'step')) {
      throw definitionError(`${where} can refer to parameters and to the execution, not to steps.`);
    }
  }
  checkReferences(experiment, { parameters, steps: new Map() }, where);
  return experiment;
}
