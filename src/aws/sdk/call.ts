import { setTimeout as sleep } from 'node:timers/promises';
import { awsError, errorKind, GarbledAnswer, isGarbled, type AwsErrorKind } from '../errors.ts';

/** An answer that makes no sense comes from something in between: the call is made again. The SDK itself does not. */
const ATTEMPTS = 4;
const PAUSE_MS = 200;
/** What conflicts with a call is another one, of another job, that soon is over. */
const CONFLICT_ATTEMPTS = 6;
const CONFLICT_PAUSE_MS = 400;

/** Runs an SDK call; a failure becomes an error for the reader. `doing` completes the sentence "Could not ...". */
export async function withAwsErrors<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await withRetry(work);
  } catch (thrown) {
    throw awsError(thrown, doing);
  }
}

/** The same, where one kind of failure is an answer. */
export async function withAwsErrorsOr<T, U>(
  options: { readonly doing: string; readonly when: readonly AwsErrorKind[]; readonly answer: U },
  work: () => Promise<T>,
): Promise<T | U> {
  try {
    return await withRetry(work);
  } catch (thrown) {
    if (options.when.includes(errorKind(thrown))) return options.answer;
    throw awsError(thrown, options.doing);
  }
}

/**
 * Every call that we make may be made twice: reads, conditional writes, starts with a request token, and creations whose
 * repetition is answered by "already exists".
 */
async function withRetry<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (thrown) {
      const kind = errorKind(thrown);
      const conflict = kind === 'conflict';
      // What a server's own fault is, whatever its text, the SDK has repeated itself.
      if (!conflict && (kind === 'server' || !isGarbled(thrown))) throw thrown;
      if (attempt === (conflict ? CONFLICT_ATTEMPTS : ATTEMPTS)) throw garbled(thrown);
      await sleep((conflict ? CONFLICT_PAUSE_MS : PAUSE_MS) * attempt);
    }
  }
}

/** A member of another type than AWS's is met as a TypeError, and is as much of an answer as one that is missing. */
function garbled(thrown: unknown): unknown {
  if (!(thrown instanceof TypeError)) return thrown;
  return new GarbledAnswer(`the answer is none of AWS: ${thrown.message}`, { cause: thrown });
}

/** For members that AWS always answers and the SDK types as optional; without them the answer is not AWS's. */
export function required<T>(value: T | null | undefined, what: string): T {
  if (value === undefined || value === null) throw new GarbledAnswer(`AWS answered without ${what}`);
  return value;
}

/** The same for text: an empty one says as little. */
export function requiredText<T extends string>(value: T | null | undefined, what: string): T {
  if (typeof value !== 'string' || value === '') throw new GarbledAnswer(`AWS answered without ${what}`);
  return value;
}

/** For members that AWS may leave out; what is there and of another type is no answer of AWS either. */
export function optionalText<T extends string>(value: T | null | undefined, what: string): T | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new GarbledAnswer(`AWS answered ${what} that is no text`);
  return value;
}

/** The same for a count or a version; 0 where there is none. */
export function optionalNumber(value: number | null | undefined, what: string): number {
  if (value === undefined || value === null) return 0;
  if (!Number.isSafeInteger(value) || value < 0)
    throw new GarbledAnswer(`AWS answered ${what} that is no whole number`);
  return value;
}

/** Not tried again: it has been asked for long enough. */
class EndlessAnswer extends Error {
  override readonly name = 'EndlessAnswer';
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Of the page that follows; empty or absent: this is the last. */
  readonly next: string | undefined;
}

/** Nothing that we list is longer: 1,000 objects, 100 steps or 50 tags a page. */
const MOST_PAGES = 100;

/** Everything of all pages. */
export async function allPages<T>(fetch: (token: string | undefined) => Promise<Page<T>>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const items of eachPage(fetch)) found.push(...items);
  return found;
}

/** Page by page. A token that comes twice, or pages without an end, are no answer of AWS. */
export async function* eachPage<T>(
  fetch: (token: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>();
  for (let token: string | undefined; ; ) {
    const { items, next }: Page<T> = await fetch(token);
    yield items;
    if (next === undefined || next === '') return;
    if (seen.has(next)) throw new EndlessAnswer('AWS answered the token of a page twice');
    if (seen.size >= MOST_PAGES) throw new EndlessAnswer(`AWS answered more than ${MOST_PAGES} pages`);
    seen.add(next);
    token = next;
  }
}
