import type { Json } from '../../contracts.ts';
import { isObject } from '../json.ts';

/** A step on the way into a value: `.name`, `[0]`, or `['key']`. */
export type Segment =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'key'; readonly key: string };

const segment = /\.([A-Za-z0-9_-]+)|\[(\d+)\]|\['([^']+)'\]|\["([^"]+)"\]/y;

/** `.ProcessingOutputConfig.Outputs['name'].S3Output.S3Uri`; undefined where the text is no such path, or empty. */
export function parsePath(text: string): Segment[] | undefined {
  const segments: Segment[] = [];
  segment.lastIndex = 0;
  while (segment.lastIndex < text.length) {
    const match = segment.exec(text);
    if (match === null) return undefined;
    const [, name, index, single, double] = match;
    if (name !== undefined) segments.push({ kind: 'member', name });
    else if (index !== undefined) segments.push({ kind: 'index', index: Number(index) });
    else segments.push({ kind: 'key', key: single ?? double ?? '' });
  }
  return segments.length === 0 ? undefined : segments;
}

/** Lists of named things are addressed by those names: which member carries the name. */
const nameMembers = ['OutputName', 'InputName', 'ChannelName', 'Name', 'Key'];

/** The value at the path, or undefined where there is none. */
export function valueAt(value: Json | undefined, path: readonly Segment[]): Json | undefined {
  let current = value;
  for (const part of path) current = current === undefined ? undefined : follow(current, part);
  return current;
}

function follow(value: Json, part: Segment): Json | undefined {
  if (part.kind === 'index') return Array.isArray(value) ? value[part.index] : undefined;
  const name = part.kind === 'key' ? part.key : part.name;
  if (isObject(value)) return Object.hasOwn(value, name) ? value[name] : undefined;
  if (part.kind === 'member' || !Array.isArray(value)) return undefined;
  return value.find((item) => isObject(item) && nameMembers.some((member) => item[member] === name));
}
