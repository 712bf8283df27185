import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../contracts.ts';

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member if it is a string; requests are validated before, so anything else means that it is absent. */
export function text(input: JsonObject, member: string): string | undefined {
  const value = Object.hasOwn(input, member) ? input[member] : undefined;
  return typeof value === 'string' ? value : undefined;
}

export function number(input: JsonObject, member: string): number | undefined {
  const value = Object.hasOwn(input, member) ? input[member] : undefined;
  return typeof value === 'number' ? value : undefined;
}

export function object(input: JsonObject, member: string): JsonObject | undefined {
  const value = Object.hasOwn(input, member) ? input[member] : undefined;
  return isObject(value) ? value : undefined;
}

export function objects(input: JsonObject, member: string): JsonObject[] {
  const value = Object.hasOwn(input, member) ? input[member] : undefined;
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function strings(input: JsonObject, member: string): string[] {
  const value = Object.hasOwn(input, member) ? input[member] : undefined;
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The given members of an input, those that are absent or null left out. */
export function pick(input: JsonObject, members: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  for (const member of members) {
    const value = Object.hasOwn(input, member) ? input[member] : undefined;
    if (value !== undefined && value !== null) picked[member] = value;
  }
  return picked;
}

/** A copy without the members that are undefined: those are no JSON. */
export function defined(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) result[name] = value;
  return result;
}

/** JSON with sorted keys: equal values, equal text. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`);
  return `{${entries.join(',')}}`;
}

export function digest(value: Json): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** Times in answers are seconds since 1970, with milliseconds as their fraction. */
export function seconds(timeMs: number): number {
  return timeMs / 1000;
}
