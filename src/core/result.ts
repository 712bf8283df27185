import { asDeployError, type DeployError } from './errors.ts';

/** What an attempt gave: its value, or why there is none. Preflight judges it; nothing is thrown. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: DeployError };

export async function resultOf<T>(work: Promise<T>): Promise<Result<T>> {
  return work.then(
    (value) => ({ ok: true, value }) as const,
    (thrown: unknown) => ({ ok: false, error: asDeployError(thrown) }) as const,
  );
}

/** undefined where it there is none. */
export function valueOf<T>(result: Result<T>): T | undefined {
  return result.ok ? result.value : undefined;
}
