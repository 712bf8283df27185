/** Expressions of pipeline definitions: `{"Get": ...}`, `{"Std:Join": ...}`, `{"Std:JsonGet": ...}`. */
import type { Json, JsonObject } from '../../contracts.ts';
import { isObject } from '../json.ts';
import { definitionError, describe, expectArray, expectObject, refuseUnknownMembers } from './definition.ts';
import { parsePath, type Segment } from './path.ts';

type Reference =
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'execution'; readonly name: string }
  | { readonly kind: 'step'; readonly step: string; readonly path: readonly Segment[]; readonly text: string };

export type Expression =
  | { readonly kind: 'get'; readonly reference: Reference }
  | { readonly kind: 'join'; readonly on: string; readonly values: readonly Json[] }
  | {
      readonly kind: 'jsonGet';
      readonly step: string;
      readonly file: string;
      readonly path: readonly Segment[];
      readonly text: string;
    };

/** What `Execution.` offers, known from the start of an execution. */
const executionVariables = [
  'PipelineName',
  'PipelineArn',
  'PipelineExecutionId',
  'PipelineExecutionArn',
  'StartDateTime',
  'CurrentDateTime',
] as const;

export function isExpression(value: Json): boolean {
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === 'Get' || keys[0]?.startsWith('Std:') === true);
}

/** @throws AwsError ValidationException where the expression is not well-formed */
export function readExpression(value: JsonObject): Expression {
  if (Object.hasOwn(value, 'Get')) return { kind: 'get', reference: readReference(value['Get']) };
  if (Object.hasOwn(value, 'Std:Join')) return readJoin(value['Std:Join']);
  if (Object.hasOwn(value, 'Std:JsonGet')) return readJsonGet(value['Std:JsonGet']);
  throw definitionError(`Unknown function '${Object.keys(value)[0]}'; expected Get, Std:Join or Std:JsonGet.`);
}

function readReference(value: Json | undefined): Reference {
  const text = typeof value === 'string' ? value : '';
  const parameter = /^Parameters\.([A-Za-z0-9\-_]+)$/.exec(text)?.[1];
  if (parameter !== undefined) return { kind: 'parameter', name: parameter };
  const execution = executionVariables.find((name) => text === `Execution.${name}`);
  if (execution !== undefined) return { kind: 'execution', name: execution };
  const step = /^Steps\.([A-Za-z0-9\-_]{1,64})([.[].*)$/.exec(text);
  const path = step?.[2] === undefined ? undefined : parsePath(step[2]);
  if (step?.[1] !== undefined && path !== undefined) return { kind: 'step', step: step[1], path, text };
  throw definitionError(
    `The reference {"Get": ${describe(value)}} is not one: expected Parameters.<name>, ` +
      `Execution.<one of ${executionVariables.join(', ')}> or Steps.<step>.<property>.`,
  );
}

function readJoin(value: Json | undefined): Expression {
  const join = expectObject(value, 'Std:Join');
  refuseUnknownMembers(join, ['On', 'Values'], 'Std:Join');
  const on = Object.hasOwn(join, 'On') ? join['On'] : '';
  if (typeof on !== 'string') throw definitionError(`The On of a Std:Join is ${describe(on)}; expected a string.`);
  const values = expectArray(join['Values'], 'Values of Std:Join');
  for (const item of values) {
    const scalar = typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean';
    if (!scalar && !isExpression(item)) {
      throw definitionError(`Std:Join cannot join ${describe(item)}; expected strings, numbers and expressions.`);
    }
  }
  return { kind: 'join', on, values };
}

function readJsonGet(value: Json | undefined): Expression {
  const jsonGet = expectObject(value, 'Std:JsonGet');
  refuseUnknownMembers(jsonGet, ['PropertyFile', 'Path'], 'Std:JsonGet');
  const file = expectObject(jsonGet['PropertyFile'], 'PropertyFile of Std:JsonGet');
  const get = typeof file['Get'] === 'string' ? file['Get'] : '';
  const match = /^Steps\.([A-Za-z0-9\-_]{1,64})\.PropertyFiles\.(.+)$/.exec(get);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw definitionError(
      `The PropertyFile of a Std:JsonGet is ${describe(file)}; expected {"Get": "Steps.<step>.PropertyFiles.<file>"}.`,
    );
  }
  const text = typeof jsonGet['Path'] === 'string' ? jsonGet['Path'] : '';
  const path = parsePath(text.startsWith('[') ? text : `.${text}`);
  if (path === undefined) {
    throw definitionError(`The Path of a Std:JsonGet is ${describe(jsonGet['Path'])}; expected one like a.b[0].c`);
  }
  return { kind: 'jsonGet', step: match[1], file: match[2], path, text };
}

/** Every expression in a value, those inside of joins too. */
export function expressionsIn(value: Json): Expression[] {
  if (Array.isArray(value)) return value.flatMap((item) => expressionsIn(item));
  if (!isObject(value)) return [];
  if (!isExpression(value)) return Object.values(value).flatMap((item) => expressionsIn(item));
  const expression = readExpression(value);
  return expression.kind === 'join'
    ? [expression, ...expression.values.flatMap((item) => expressionsIn(item))]
    : [expression];
}
