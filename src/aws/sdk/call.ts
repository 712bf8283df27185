import { setTimeout as sleep } from 'node:timers/promises';
import { awsError, errorKind, GarbledAnswer, isGarbled, type AwsErrorKind } from '../errors.ts';

/** An answer that makes no sense comes from something in between: the call is made again. The SDK itself does not. */
const ATTEMPTS = 4;
const PAUSE_MS = 200;

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
      if (attempt === ATTEMPTS || !isGarbled(thrown)) throw thrown;
      await sleep(PAUSE_MS * attempt);
    }
  }
}

/** For members that AWS always answers and the SDK types as optional; without them the answer is not AWS's. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new GarbledAnswer(`AWS answered without ${what}`);
  return value;
}
