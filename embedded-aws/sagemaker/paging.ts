import type { JsonObject } from '../contracts.ts';
import { validationError } from './errors.ts';
import { number, text } from './json.ts';
import type { Call } from './service.ts';

export type Page<Item> = { readonly items: Item[]; readonly nextToken?: string };

/**
 * A page of the list that MaxResults and NextToken of the request ask for. The token names the last item handed out,
 * not an offset: what is created between two calls neither repeats nor hides anything.
 */
export function pageOf<Item>(
  items: readonly Item[],
  input: JsonObject,
  options: { keyOf: (item: Item) => string; pageSize: number; call: Call },
): Page<Item> {
  const size = number(input, 'MaxResults') ?? options.pageSize;
  if (options.call.service.answers.is('pages', 'endless')) return { items: items.slice(0, size), nextToken: 'endless' };
  const token = text(input, 'NextToken');
  const last = token === undefined ? undefined : Buffer.from(token, 'base64url').toString('utf8');
  const start = last === undefined ? 0 : items.findIndex((item) => options.keyOf(item) === last) + 1;
  if (last !== undefined && start === 0) {
    throw validationError(`The NextToken '${token}' is not one that this list gave out, or its item is gone by now.`);
  }
  const page = items.slice(start, start + size);
  const end = page.at(-1);
  if (end === undefined || start + size >= items.length) return { items: page };
  return { items: page, nextToken: Buffer.from(options.keyOf(end), 'utf8').toString('base64url') };
}

/** An answer with the page under the given member. */
export function pageAnswer(member: string, page: Page<JsonObject>): JsonObject {
  return { [member]: page.items, ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }) };
}

/** Filters and sorts of the List operations: times in requests are seconds since 1970. */
export function createdWithin(
  input: JsonObject,
  members: { after: string; before: string },
  createdMs: number,
): boolean {
  const after = number(input, members.after);
  const before = number(input, members.before);
  return (after === undefined || createdMs > after * 1000) && (before === undefined || createdMs < before * 1000);
}

/** Items in the order of the request's SortOrder; they come in the order of their creation. */
export function ordered<Item>(
  items: readonly Item[],
  input: JsonObject,
  options: { defaultOrder: 'Ascending' | 'Descending'; nameOf?: (item: Item) => string },
): Item[] {
  const nameOf = options.nameOf;
  const sorted = [...items];
  if (nameOf !== undefined) sorted.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));
  return (text(input, 'SortOrder') ?? options.defaultOrder) === 'Ascending' ? sorted : sorted.reverse();
}
