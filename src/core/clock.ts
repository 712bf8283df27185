import { setTimeout as wait } from 'node:timers/promises';

/** Time as an argument, so that a test passes an hour in no time. Milliseconds since 1970. */
export interface Clock {
  nowMs(): number;
  /** Resolves after the delay, or as soon as the signal aborts. Never rejects. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  async sleep(delayMs, signal) {
    await wait(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
};
