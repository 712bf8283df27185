import type { Clock } from '../../src/core/clock.ts';

/** A clock whose sleeps pass at once and are kept, so that hours take no time. */
export interface FakeClock extends Clock {
  readonly slept: readonly number[];
  /** Runs something when the clock reaches a time. */
  at(timeMs: number, work: () => void): void;
}

export function fakeClock(startMs = 0): FakeClock {
  let nowMs = startMs;
  const slept: number[] = [];
  const planned: { timeMs: number; work: () => void }[] = [];
  return {
    slept,
    nowMs: () => nowMs,
    at: (timeMs, work) => planned.push({ timeMs, work }),
    sleep(delayMs, signal) {
      const untilMs = nowMs + delayMs;
      for (const event of planned.filter(({ timeMs }) => timeMs > nowMs && timeMs <= untilMs)) {
        nowMs = event.timeMs;
        event.work();
        if (signal?.aborted === true) break;
      }
      if (signal?.aborted !== true) nowMs = untilMs;
      slept.push(delayMs);
      return Promise.resolve();
    },
  };
}
