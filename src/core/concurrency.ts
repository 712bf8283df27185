/** Works on all items, at most `most` at a time, and answers in their order. After a failure none is begun any more. */
export async function sideBySide<T, R>(
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
