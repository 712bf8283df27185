import { asDeployError, type DeployError } from './errors.ts';

/** One look at the world: what was seen, or why it could not be. Preflight judges it; nothing is thrown. */
export type Sighting<T> =
  | { readonly kind: 'seen'; readonly value: T }
  | { readonly kind: 'unseen'; readonly error: DeployError };

export async function sighting<T>(look: Promise<T>): Promise<Sighting<T>> {
  return look.then(
    (value) => ({ kind: 'seen', value }) as const,
    (thrown: unknown) => ({ kind: 'unseen', error: asDeployError(thrown) }) as const,
  );
}

/** undefined where it could not be seen. */
export function seen<T>(look: Sighting<T>): T | undefined {
  return look.kind === 'seen' ? look.value : undefined;
}
