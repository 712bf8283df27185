import type { Json, JsonObject } from '../../contracts.ts';
import { validationError } from '../errors.ts';
import { isObject } from '../json.ts';
import { type Expression, isExpression, readExpression } from './expression.ts';
import { valueAt } from './path.ts';

/** Where the values of expressions come from while a pipeline runs. */
export type Scope = {
  readonly parameters: ReadonlyMap<string, Json>;
  /** By name: `PipelineName`, `PipelineExecutionId`, ... */
  readonly execution: Readonly<Record<string, string>>;
  /** What the step that has succeeded offers, or undefined. */
  readonly stepProperties: (step: string) => JsonObject | undefined;
  /** The JSON that a step wrote to one of its property files. */
  readonly propertyFile: (step: string, file: string) => Json;
};

/**
 * The value with every expression replaced.
 *
 * @throws AwsError ValidationException where a reference leads to nothing
 */
export function resolve(value: Json, scope: Scope): Json {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope));
  if (!isObject(value)) return value;
  if (isExpression(value)) return evaluate(readExpression(value), scope);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, scope)]));
}

function evaluate(expression: Expression, scope: Scope): Json {
  if (expression.kind === 'join') {
    return expression.values.map((item) => joined(resolve(item, scope))).join(expression.on);
  }
  const [found, text] =
    expression.kind === 'jsonGet'
      ? [
          valueAt(scope.propertyFile(expression.step, expression.file), expression.path),
          `${expression.text} of the property file ${expression.file} of step ${expression.step}`,
        ]
      : lookUp(expression.reference, scope);
  if (found === undefined) throw validationError(`Cannot resolve the reference to ${text}: there is no such value.`);
  return found;
}

function lookUp(
  reference: (Expression & { kind: 'get' })['reference'],
  scope: Scope,
): [value: Json | undefined, text: string] {
  switch (reference.kind) {
    case 'parameter':
      return [scope.parameters.get(reference.name), `Parameters.${reference.name}`];
    case 'execution':
      return [scope.execution[reference.name], `Execution.${reference.name}`];
    case 'step':
      return [valueAt(scope.stepProperties(reference.step), reference.path), reference.text];
  }
}

function joined(value: Json): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw validationError(`Std:Join can join strings, numbers and booleans; it got ${JSON.stringify(value)}.`);
}
