import { awsError, errorKind, type AwsErrorKind } from '../errors.ts';

/** Runs an SDK call; a failure becomes an error for the reader. `doing` completes the sentence "Could not ...". */
export async function call<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw awsError(thrown, doing);
  }
}

/** The same, where one kind of failure is an answer. */
export async function callOr<T, U>(
  options: { readonly doing: string; readonly when: readonly AwsErrorKind[]; readonly answer: U },
  work: () => Promise<T>,
): Promise<T | U> {
  try {
    return await work();
  } catch (thrown) {
    if (options.when.includes(errorKind(thrown))) return options.answer;
    throw awsError(thrown, options.doing);
  }
}

/** For members that AWS always answers and the SDK types as optional. */
export function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new TypeError(`AWS answered without ${what}`);
  return value;
}
