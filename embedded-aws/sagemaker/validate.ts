import { AwsError, type Json, type JsonObject } from '../contracts.ts';
import { operationInput, type Shape, shapeNamed } from './constraints.ts';
import { validationError } from './errors.ts';
import { isObject } from './json.ts';
import { matchesPattern } from './pattern.ts';

/** Values in messages are cut here; AWS prints them whole, and a definition can have a megabyte. */
const longestShownValue = 1024;

export type CheckOptions = {
  /** Anything for which this answers true stands for a value that is known later, and is not checked. */
  readonly isPlaceholder?: (value: Json) => boolean;
  /** Members that the caller fills in itself. */
  readonly omit?: readonly string[];
};

/** One broken constraint, as AWS words it after "n validation errors detected: ". */
type Problems = string[];

/**
 * Checks a request as SageMaker's front does: AWS reports all broken constraints in one ValidationException, values of
 * the wrong JSON type in a SerializationException. Unknown members are ignored, as AWS's JSON protocol ignores them.
 */
export function validateRequest(operation: string, input: JsonObject, options: CheckOptions = {}): void {
  const shape = operationInput(operation);
  if (shape === undefined) {
    throw new AwsError(
      'UnknownOperationException',
      `The embedded AWS does not know the operation ${operation} of SageMaker.`,
    );
  }
  const problems: Problems = [];
  checkMembers(shape, input, { path: '', problems, options });
  if (problems.length > 0) throw validationError(describeProblems(problems));
}

function describeProblems(problems: Problems): string {
  const count = problems.length === 1 ? '1 validation error detected' : `${problems.length} validation errors detected`;
  return `${count}: ${problems.join('; ')}`;
}

type Place = { readonly path: string; readonly problems: Problems; readonly options: CheckOptions };

function checkMembers(shape: Shape, input: JsonObject, place: Place): void {
  const omit = place.path === '' ? (place.options.omit ?? []) : [];
  for (const [member, shapeName] of Object.entries(shape.members ?? {})) {
    if (omit.includes(member)) continue;
    const value = Object.hasOwn(input, member) ? input[member] : undefined;
    const path = `${place.path === '' ? '' : `${place.path}.`}${lowerFirst(member)}`;
    if (value !== undefined && value !== null) check(shapeNamed(shapeName), value, { ...place, path });
    else if (shape.required?.includes(member)) {
      place.problems.push(`Value null at '${path}' failed to satisfy constraint: Member must not be null`);
    }
  }
}

function check(shape: Shape, value: Json, place: Place): void {
  if (place.options.isPlaceholder?.(value) === true) return;
  refuseWrongType(shape, value, place.path);
  for (const constraint of brokenConstraints(shape, value)) {
    place.problems.push(`Value ${shown(value)} at '${place.path}' failed to satisfy constraint: ${constraint}`);
  }
  if (Array.isArray(value)) checkItems(shape, value, place);
  else if (shape.type === 'map') checkEntries(shape, value as JsonObject, place);
  else if (shape.type === 'structure') checkMembers(shape, value as JsonObject, place);
}

function checkItems(shape: Shape, items: readonly Json[], place: Place): void {
  const member = shapeNamed(shape.member ?? '');
  items.forEach((item, index) => {
    if (item !== null) check(member, item, { ...place, path: `${place.path}.${index + 1}.member` });
  });
}

function checkEntries(shape: Shape, entries: JsonObject, place: Place): void {
  const keyShape = shapeNamed(shape.key ?? '');
  const valueShape = shapeNamed(shape.value ?? '');
  const broken = (kind: string, constraints: readonly string[]) => {
    if (constraints.length === 0) return;
    place.problems.push(
      `Value ${shown(entries)} at '${place.path}' failed to satisfy constraint: ` +
        `Map ${kind} must satisfy constraint: [${constraints.join(', ')}]`,
    );
  };
  for (const [key, value] of Object.entries(entries)) {
    broken('keys', brokenConstraints(keyShape, key));
    if (place.options.isPlaceholder?.(value) === true) continue;
    refuseWrongType(valueShape, value, `${place.path}.${key}`);
    broken('value', brokenConstraints(valueShape, value));
  }
}

function brokenConstraints(shape: Shape, value: Json): string[] {
  const broken: string[] = [];
  const measured = measure(value);
  if (measured !== undefined) {
    const [what, size] = measured;
    if (shape.min !== undefined && size < shape.min)
      broken.push(`Member must have ${what} greater than or equal to ${shape.min}`);
    if (shape.max !== undefined && size > shape.max)
      broken.push(`Member must have ${what} less than or equal to ${shape.max}`);
  }
  if (typeof value !== 'string') return broken;
  if (shape.pattern !== undefined && !matchesPattern(shape.pattern, value))
    broken.push(`Member must satisfy regular expression pattern: ${shape.pattern}`);
  if (shape.enum !== undefined && !shape.enum.includes(value))
    broken.push(`Member must satisfy enum value set: [${shape.enum.join(', ')}]`);
  return broken;
}

function measure(value: Json): [what: string, size: number] | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return ['length', value.length];
  if (typeof value === 'number') return ['value', value];
  return isObject(value) ? ['length', Object.keys(value).length] : undefined;
}

const typeTests: Readonly<Record<Shape['type'], (value: Json) => boolean>> = {
  structure: isObject,
  map: isObject,
  list: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  long: (value) => Number.isSafeInteger(value),
  timestamp: (value) => typeof value === 'number',
};

function refuseWrongType(shape: Shape, value: Json, path: string): void {
  if (typeTests[shape.type](value)) return;
  const found = Array.isArray(value) ? 'a list' : isObject(value) ? 'an object' : JSON.stringify(value);
  throw new AwsError('SerializationException', `'${path}' is ${found}; expected a value of type ${shape.type}`);
}

/** Lists and maps are printed as Java prints them; of structures AWS prints an object id, which says nothing. */
function shown(value: Json): string {
  const text = plain(value);
  return `'${text.length > longestShownValue ? `${text.slice(0, longestShownValue)}...` : text}'`;
}

function plain(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`;
  if (!isObject(value)) return String(value);
  const entries = Object.entries(value).map(([key, item]) => `${key}=${plain(item)}`);
  return `{${entries.join(', ')}}`;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** Dotted paths of members that the operation does not have; a pipeline definition may not hold any. */
export function unknownMembers(operation: string, input: JsonObject, options: CheckOptions = {}): string[] {
  const shape = operationInput(operation);
  return shape === undefined ? [] : unknownIn(shape, input, { path: '', options });
}

function unknownIn(shape: Shape, value: Json, place: { path: string; options: CheckOptions }): string[] {
  if (place.options.isPlaceholder?.(value) === true) return [];
  if (shape.type === 'list' && Array.isArray(value)) {
    const member = shapeNamed(shape.member ?? '');
    return value.flatMap((item, index) => unknownIn(member, item, { ...place, path: `${place.path}[${index}]` }));
  }
  if (shape.type !== 'structure' || !isObject(value)) return [];
  const omit = place.path === '' ? (place.options.omit ?? []) : [];
  return Object.entries(value).flatMap(([member, item]) => {
    const path = place.path === '' ? member : `${place.path}.${member}`;
    const known = shape.members !== undefined && Object.hasOwn(shape.members, member) && !omit.includes(member);
    return known ? unknownIn(shapeNamed(shape.members[member] ?? ''), item, { ...place, path }) : [path];
  });
}
