import { setTimeout as wait } from 'node:timers/promises';
import { cancelledBeforeStart, lateBeforeStart } from './errors.ts';

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

export interface WaitContext {
  readonly clock: Clock;
  readonly aws: { requestsMade(): number };
  /** Aborts when the workflow is cancelled. */
  readonly cancelled: AbortSignal;
  /** Milliseconds since 1970 at which the run gives up. */
  readonly deadlineMs: number;
}

/** Within this a wait is most often over: it is polled often. */
const SHORT_MS = 60_000;
/** From here on a wait makes at most four requests a minute. */
const LONG_MS = 300_000;
const REQUEST_MS = 15_000;

/** How long a wait has to pause at least after a look that took so many requests. */
export function calmPauseMs(sinceStartMs: number, requests: number): number {
  return sinceStartMs < LONG_MS ? 0 : requests * REQUEST_MS;
}

/** A wait before the start: each pause ends at the deadline of the run at the latest, and longer waits look less often. */
export function beginWait({ aws, clock, cancelled, deadlineMs }: WaitContext, waitedFor: string) {
  const beganAtMs = clock.nowMs();
  let requestsBefore = aws.requestsMade();
  return {
    /** @throws DeployError `cancelled` or `timed-out` */
    async pause(): Promise<void> {
      const leftMs = deadlineMs - clock.nowMs();
      if (leftMs <= 0) throw lateBeforeStart(waitedFor);
      const sinceMs = clock.nowMs() - beganAtMs;
      const requests = aws.requestsMade() - requestsBefore;
      requestsBefore += requests;
      await clock.sleep(Math.min(Math.max(waitPauseMs(sinceMs), calmPauseMs(sinceMs, requests)), leftMs), cancelled);
      if (cancelled.aborted) throw cancelledBeforeStart();
    },
  };
}

/** A look of these waits is at most two requests. */
function waitPauseMs(sinceStartMs: number): number {
  if (sinceStartMs < SHORT_MS) return 2_000;
  return sinceStartMs < LONG_MS ? 10_000 : 30_000;
}
