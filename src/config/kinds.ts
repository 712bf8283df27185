import * as z from 'zod/mini';
import type { Json, JsonObject } from '../core/json.ts';
import type { Node } from './document.ts';
import { anyCase } from './patterns.ts';

/** A value as it was read: `note` says how it was converted, where that deserves a warning. */
export interface Reading {
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
