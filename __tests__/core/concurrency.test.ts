import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { mapConcurrent } from '../../src/core/concurrency.ts';

describe('mapConcurrent', () => {
  test.each([1, 3, 100])('does all of it in order, never more than %d at a time', async (most) => {
    let running = 0;
    let peak = 0;
    const answers = await mapConcurrent([5, 1, 4, 2, 3, 0], most, async (item) => {
      running += 1;
      peak = Math.max(peak, running);
      await sleep(item);
      running -= 1;
      return item * 10;
    });
    expect([answers, peak]).toEqual([[50, 10, 40, 20, 30, 0], Math.min(most, 6)]);
  });

  test('fails with the first failure and begins nothing after it', async () => {
    const begun: number[] = [];
    const work = async (item: number): Promise<void> => {
      begun.push(item);
      await sleep(1);
      if (item === 1) throw new Error('one');
    };
    await expect(mapConcurrent([0, 1, 2, 3, 4, 5, 6, 7], 2, work)).rejects.toThrow('one');
    await sleep(20);
    expect(begun.length).toBeLessThan(6);
  });
});
