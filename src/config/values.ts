import * as z from 'zod/mini';
import type { Json, JsonObject } from '../core/json.ts';
import { AWS_REGIONS, REGION_CODES, regionCode, type RegionCode } from '../core/regions.ts';
import { type Node, properties } from './document.ts';

/** A value as it was read: `note` says how it was converted, where that deserves a warning. */
interface Reading {
  readonly value: unknown;
  readonly note?: string;
}

/** What a value must be: the check, the words for a person, and how forgiving reading is. */
export interface Kind<T> {
  /** Every message of the check is what was expected. */
  readonly schema: z.ZodMiniType<T>;
  readonly expected: string;
  /** Before the check; without it, values are taken as they are. */
  readonly read?: (value: unknown) => Reading;
  /** After the check, with what only the file's tree knows (the order of keys). */
  readonly finish?: (value: T, node: Node) => T;
  /** The value as a file would have it, where that differs. */
  readonly written?: (value: T) => Json;
  /** For the published JSON Schema, where the check itself would be too narrow. */
  readonly json?: JsonObject;
}

/** The same text in any mix of capitals, without a flag: `NA` -> `[nN][aA]`. */
function anyCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
}

/** A region's code or AWS name, in any mix of capitals. */
export const REGION = new RegExp(`^(?:${[...REGION_CODES, ...Object.values(AWS_REGIONS)].map(anyCase).join('|')})$`);

interface TextRule {
  readonly expected: string;
  readonly pattern?: RegExp;
  readonly min?: number;
  readonly max?: number;
}

export function text({ expected, pattern, min = 0, max }: TextRule): Kind<string> {
  const checks = [
    ...(min > 0 ? [z.minLength(min, expected)] : []),
    ...(max === undefined ? [] : [z.maxLength(max, expected)]),
    ...(pattern === undefined ? [] : [z.regex(pattern, expected)]),
  ] as const;
  return { schema: checks.length === 0 ? z.string(expected) : z.string(expected).check(...checks), expected };
}

interface NumberRule {
  readonly min: number;
  readonly max?: number;
  readonly unit?: string;
}

export function integer(rule: NumberRule): Kind<number> {
  const expected = range(rule, 'a whole number');
  const whole = rule.max === undefined ? expected : `a whole number, ${expected}`;
  const limits = [z.gte(rule.min, expected), ...(rule.max === undefined ? [] : [z.lte(rule.max, expected)])] as const;
  return { schema: z.int(whole).check(...limits), expected, read: readInteger };
}

/** A number with a fraction; without limits where the rule names none. */
export function decimal(rule?: Required<Pick<NumberRule, 'min' | 'max'>>): Kind<number> {
  const expected = rule === undefined ? 'a number' : range(rule, 'a number');
  const number = z.number(expected);
  const schema = rule === undefined ? number : number.check(z.gte(rule.min, expected), z.lte(rule.max, expected));
  return { schema, expected, read: readDecimal };
}

export function yesOrNo(): Kind<boolean> {
  const expected = 'true or false';
  return { schema: z.boolean(expected), expected, read: readBoolean };
}

/** One of a few words, in any mix of capitals; `read` may know more names for them. */
export function choice<const T extends string>(
  values: readonly T[],
  canonical: (value: string) => string | undefined = (value) => sameWord(values, value),
): Kind<T> {
  const expected = orList(values);
  const read = (value: unknown) => ({ value: typeof value === 'string' ? (canonical(value) ?? value) : value });
  const pattern = `^(?:${values.map(anyCase).map(escapeDots).join('|')})$`;
  return {
    schema: z.enum(values, expected),
    expected,
    read,
    json: { anyOf: [{ enum: values }, { pattern }], type: 'string' },
  };
}

function orList(values: readonly string[]): string {
  return values.length === 1 ? `${values[0]}` : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

function sameWord<T extends string>(values: readonly T[], value: string): T | undefined {
  return values.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
}

function escapeDots(pattern: string): string {
  return pattern.replaceAll('.', '\\.');
}

function range({ min, max, unit }: NumberRule, what: string): string {
  const limits = max === undefined ? `${what} from ${min} up` : `${min} to ${max}`;
  return unit === undefined ? limits : `${limits} (${unit})`;
}

// The old loader read numbers and booleans out of strings; its files keep working, with a warning.

function readInteger(value: unknown): Reading {
  return typeof value === 'string' && /^\s*[+-]?\d+(?:\.0+)?\s*$/.test(value) ? asNumber(value) : { value };
}

function readDecimal(value: unknown): Reading {
  return typeof value === 'string' && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(value)
    ? asNumber(value)
    : { value };
}

function asNumber(value: string): Reading {
  return { value: Number(value), note: `is a number in quotes; write ${Number(value)}` };
}

function readBoolean(value: unknown): Reading {
  if (typeof value !== 'string' && typeof value !== 'number') return { value };
  const word = String(value).toLowerCase();
  if (!/^(?:true|false|t|f|yes|no|y|n|on|off|1|0)$/.test(word)) return { value };
  const read = /^(?:t|y|on|1)/.test(word);
  return { value: read, note: `is no JSON boolean; write ${read}` };
}

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

/** One text for all regions, or region code (or AWS name) to value. */
export function textOrPerRegion(
  all: Kind<string>,
  item: Kind<string>,
): Kind<string | Readonly<Partial<Record<RegionCode, string>>>> {
  const regional = perRegion(item);
  const expected = `${all.expected}; or ${regional.expected}`;
  return { schema: z.union([all.schema, regional.schema], expected), expected };
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

/** JavaScript puts keys that look like numbers first; the order of the file counts. */
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
