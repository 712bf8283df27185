import * as z from 'zod/mini';
import type { Json } from '../core/json.ts';
import { AWS_REGIONS, REGION_CODES, regionCode, type RegionCode } from '../core/regions.ts';
import { type Node, properties } from './document.ts';
import type { Kind, Reading } from './kinds.ts';
import { anyCase, REGION } from './patterns.ts';

export interface Variable {
  readonly name: string;
  readonly type: 'NUMERIC' | 'TEXT';
}

interface ListRule {
  readonly expected: string;
  readonly min?: number;
  readonly max?: number;
  readonly unique?: true;
}

export function list<T>(item: Kind<T>, { expected, min = 0, max, unique }: ListRule): Kind<readonly T[]> {
  const limits = [z.minLength(min, expected), ...(max === undefined ? [] : [z.maxLength(max, expected)])] as const;
  const isUnique = (items: T[]) => unique === undefined || new Set(items).size === items.length;
  return { schema: z.array(item.schema, expected).check(...limits, z.refine(isUnique, expected)), expected };
}

/** Object with free names. */
export function textMap(expected: string): Kind<Readonly<Record<string, string>>> {
  return { schema: z.record(z.string(), z.string('text'), expected), expected };
}

/** Object of texts that must hold certain names. */
export function textMapWith(names: readonly string[]): Kind<Readonly<Record<string, string>>> {
  const expected = `an object of texts that holds ${names.join(' and ')}`;
  const holdsAll = (map: Record<string, string>) => names.every((name) => Object.hasOwn(map, name));
  const schema = z.record(z.string(), z.string('text'), expected).check(z.refine(holdsAll, expected));
  return { schema, expected, json: { type: 'object', required: names, additionalProperties: { type: 'string' } } };
}

/** Region code (or AWS name) to value. */
export function perRegion(item: Kind<string>): Kind<Readonly<Partial<Record<RegionCode, string>>>> {
  const regions = [...REGION_CODES, ...Object.values(AWS_REGIONS)].join(', ');
  const expected = `an object from region (${regions}) to ${item.expected}`;
  const key = z.string().check(z.regex(REGION, `one of ${regions}`));
  const schema = z.pipe(
    z.record(key, item.schema, expected).check(z.refine(namesRegionsOnce, 'every region once')),
    z.transform((map: Record<string, string>) =>
      Object.fromEntries(Object.entries(map).map(([name, value]) => [regionCode(name) ?? name, value])),
    ),
  );
  return { schema, expected };
}

function namesRegionsOnce(map: Record<string, string>): boolean {
  const codes = Object.keys(map).map(regionCode);
  return new Set(codes).size === codes.length;
}

const VARIABLE_TYPES = ['NUMERIC', 'TEXT'] as const;
const TYPE_EXPECTED = 'NUMERIC or TEXT';

/** Variables as an object, name to type, or as a list of pairs. */
export function variables({ min }: { min: number }): Kind<readonly Variable[]> {
  const some = min > 0 ? 'at least one variable: ' : '';
  const expected = `${some}an object from name to ${TYPE_EXPECTED}, or a list of [name, ${TYPE_EXPECTED}]`;
  const name = z.string('a name').check(z.minLength(1, 'a name'));
  const type = z.enum(VARIABLE_TYPES, TYPE_EXPECTED);
  const pair = z.tuple([name, type], `a pair [name, ${TYPE_EXPECTED}]`);
  const schema = z.pipe(
    z.union([z.record(name, type, expected), z.array(pair, expected)], expected),
    z.transform((given: Record<string, Variable['type']> | [string, Variable['type']][]) => asList(given)),
  );
  const checked = schema.check(z.minLength(min, expected), z.refine(namesOnce, 'every variable once'));
  return {
    schema: checked,
    expected,
    read: readVariables,
    finish: inFileOrder,
    written: variablesObject,
    json: variablesJson(min),
  };
}

/** Name to type, as a file has it. */
export function variablesObject(list: readonly Variable[]): Json {
  return Object.fromEntries(list.map(({ name, type }) => [name, type]));
}

function asList(given: Record<string, Variable['type']> | [string, Variable['type']][]): readonly Variable[] {
  const pairs = Array.isArray(given) ? given : Object.entries(given);
  return pairs.map(([name, type]) => ({ name, type }));
}

function namesOnce(list: readonly Variable[]): boolean {
  return new Set(list.map(({ name }) => name)).size === list.length;
}

/** JavaScript moves keys that look like numbers to the front; the file's order is the one that counts. */
function inFileOrder(list: readonly Variable[], node: Node): readonly Variable[] {
  const order = properties(node).map(({ key }) => key);
  return order.length === 0 ? list : list.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

/** Types in any mix of capitals. */
function readVariables(value: unknown): Reading {
  if (Array.isArray(value))
    return { value: value.map((item: unknown) => (isPair(item) ? [item[0], upper(item[1])] : item)) };
  if (typeof value !== 'object' || value === null) return { value };
  return { value: Object.fromEntries(Object.entries(value).map(([name, type]) => [name, upper(type)])) };
}

function isPair(item: unknown): item is readonly [unknown, unknown] {
  return Array.isArray(item) && item.length === 2;
}

function upper(type: unknown): unknown {
  return typeof type === 'string' ? type.toUpperCase() : type;
}

function variablesJson(min: number) {
  const pattern = `^(?:${VARIABLE_TYPES.map(anyCase).join('|')})$`;
  const type = { type: 'string', anyOf: [{ enum: VARIABLE_TYPES }, { pattern }] };
  const pair = { type: 'array', items: [{ type: 'string', minLength: 1 }, type], minItems: 2, maxItems: 2 };
  return {
    anyOf: [
      { type: 'object', propertyNames: { minLength: 1 }, additionalProperties: type, minProperties: min },
      { type: 'array', items: pair, minItems: min },
    ],
  };
}
