/** Works on all items, at most `most` at a time, and answers in their order. After a failure none is begun any more. */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers: R[] = [];
  const entries = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of entries) {
      if (failed) return;
      answers[index] = await work(item);
    }
  };
  const guarded = (): Promise<void> =>
    worker().catch((thrown: unknown) => {
      failed = true;
      throw thrown;
    });
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, guarded));
  return answers;
}

/** Makes a value at its first use. */
export function memoize<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The same, one value for each name. */
export function memoizeByName<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, { readonly value: T }>();
  return (name) => {
    const known = made.get(name) ?? { value: make(name) };
    made.set(name, known);
    return known.value;
  };
}
