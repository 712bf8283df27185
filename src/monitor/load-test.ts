import { isTransient } from '../aws/errors.ts';
import type { LoadTests, LoadTestSpec, LoadTestState } from '../aws/types.ts';
import { calmPauseMs, type Clock } from '../core/clock.ts';
import { formatDuration } from '../core/text.ts';

/** How a load test ended for us. */
export type LoadTestOutcome =
  | { readonly kind: 'ended'; readonly name: string; readonly state: LoadTestState }
  | { readonly kind: 'cancelled' | 'timed-out'; readonly name: string };

export interface LoadTestContext {
  readonly tests: LoadTests;
  /** How many requests were made so far. */
  readonly requestsMade: () => number;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** Told the name of the job before it is started, so that a killed run's job can be stopped; empty: AWS refused it. */
  readonly onName: (name: string) => void;
  /** Milliseconds since 1970 at which we give up. */
  readonly deadlineMs: number;
  readonly cancelled: AbortSignal;
}

const RUNNING: ReadonlySet<string> = new Set(['PENDING', 'IN_PROGRESS']);
const ENDING: ReadonlySet<string> = new Set(['STOPPING', 'DELETING']);
const ENDED: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'STOPPED', 'DELETED']);
/** Our own word for a job that Describe does not know. */
const NOT_FOUND = 'not found';
/** In a row, after which a status is an end although nobody knows it, or the job is taken to be gone. */
const UNKNOWN_POLLS = 2;
const NOT_FOUND_POLLS = 6;
/** A job that failed or was stopped keeps its name: the next one of the same test gets a number. */
const MOST_JOBS = 9;

const QUICK_MS = 120_000;
const HEARTBEAT_MS = 300_000;

/** Starts a load test, or finds the job that an earlier run started for the same package and test, and follows it. */
export async function followLoadTest(spec: LoadTestSpec, context: LoadTestContext): Promise<LoadTestOutcome> {
  const { tests, log, onName } = context;
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? spec.name : `${spec.name}-${number}`;
    onName(name);
    const started = await start({ ...spec, name }, context);
    const before = started === 'exists' ? await tests.describe(name) : undefined;
    const another = number < MOST_JOBS;
    if (before !== undefined && (isSpent(before) || isForeign(before, spec)) && another) continue;
    if (started === 'started') log(`Load test    ${name} started on 1 x ${spec.instanceType}`);
    else log(`Load test    ${name} was started before (${before?.status ?? 'unknown'})`);
    const outcome = await watch(name, context);
    // One that was being stopped when we came is waited for: its endpoint still counts against the quota.
    const wasEnding = before !== undefined && ENDING.has(before.status);
    if (wasEnding && another && outcome.kind === 'ended' && isSpent(outcome.state)) continue;
    return outcome;
  }
}

async function start(spec: LoadTestSpec, { tests, onName }: LoadTestContext): Promise<'started' | 'exists'> {
  try {
    return await tests.start(spec);
  } catch (thrown) {
    // What was refused does not run. What was not answered may.
    if (!passes(thrown)) onName('');
    throw thrown;
  }
}

/** Ended without a whole measurement: nothing can be learned from it, and it cannot be started again. */
function isSpent({ status, metrics }: LoadTestState): boolean {
  if (status !== 'COMPLETED') return ENDED.has(status);
  return metrics?.maxInvocationsPerMinute === undefined || metrics.modelLatencyMs === undefined;
}

/** Somebody else's job under our name: what it measures is not said of our package. */
function isForeign({ packageArn }: LoadTestState, spec: LoadTestSpec): boolean {
  return packageArn !== undefined && packageArn.toLowerCase() !== spec.packageArn.toLowerCase();
}

async function watch(name: string, context: LoadTestContext): Promise<LoadTestOutcome> {
  const { clock, cancelled, deadlineMs, log } = context;
  const startedAtMs = clock.nowMs();
  let status = '';
  let loggedAtMs = startedAtMs;
  for (let failures = 0, polls = 0; ; ) {
    if (cancelled.aborted) return { kind: 'cancelled', name };
    const requestsBefore = context.requestsMade();
    const state = await poll(name, context);
    failures = state === undefined ? failures + 1 : 0;
    if (state !== undefined) polls = state.status === status ? polls + 1 : 1;
    const nowMs = clock.nowMs();
    const took = formatDuration(nowMs - startedAtMs);
    if (state !== undefined && state.status !== status) {
      log(`Load test    ${state.status}${status === '' ? '' : ` after ${took}`}`);
      [status, loggedAtMs] = [state.status, nowMs];
    } else if (nowMs - loggedAtMs >= HEARTBEAT_MS) {
      log(`Load test    still ${status} after ${took}`);
      loggedAtMs = nowMs;
    }
    if (state !== undefined && isOver(state.status, polls)) return { kind: 'ended', name, state };
    if (nowMs >= deadlineMs) return { kind: 'timed-out', name };
    const requests = context.requestsMade() - requestsBefore;
    const pauseMs = delayMs(nowMs - startedAtMs, { failures, requests });
    await clock.sleep(Math.min(pauseMs, deadlineMs - nowMs), cancelled);
  }
}

/** Whether nothing of the job runs any more, its endpoint included. */
export function hasLoadTestEnded(status: string): boolean {
  return ENDED.has(status);
}

/** `polls`: so many in a row, the last included, have shown this status. */
function isOver(status: string, polls: number): boolean {
  if (RUNNING.has(status) || ENDING.has(status)) return false;
  if (ENDED.has(status)) return true;
  return polls >= (status === NOT_FOUND ? NOT_FOUND_POLLS : UNKNOWN_POLLS);
}

function passes(thrown: unknown): boolean {
  return isTransient(thrown instanceof Error ? (thrown.cause ?? thrown) : thrown);
}

/** undefined: the poll failed in a way that passes. */
async function poll(name: string, { tests, log }: LoadTestContext): Promise<LoadTestState | undefined> {
  try {
    const failureReason = `SageMaker does not know the job ${name} any more`;
    return (await tests.describe(name)) ?? { status: NOT_FOUND, failureReason, metrics: undefined };
  } catch (thrown) {
    if (!passes(thrown)) throw thrown;
    log(
      `A poll of the load test failed and will be repeated: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
    return undefined;
  }
}

/** Quick for two minutes, since mistakes fail early; then twice a minute, or less often where a poll takes many requests. */
function delayMs(
  sinceStartMs: number,
  { failures, requests }: { readonly failures: number; readonly requests: number },
): number {
  const calmMs = calmPauseMs(sinceStartMs, requests);
  if (failures > 0) return Math.max(calmMs, Math.min(2 ** failures * 2_000, 120_000));
  return Math.max(calmMs, sinceStartMs < QUICK_MS ? 5_000 : 30_000);
}

/** What helps, by what the service says; FailureReason is prose without a code. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /ping|health check/i,
    'The container did not answer pings: its log above says why; rehearse the package with the real server.',
  ],
  [/limit|quota/i, 'Ask for more of this instance type in Service Quotas ("for endpoint usage"), or take another one.'],
  [/capacity/i, 'There is no capacity for this instance type now: run again later, or take another one.'],
  [
    /not supported|unsupported|invalid instance/i,
    'Inference Recommender does not test this instance type: take another model.inference_instance_type.',
  ],
  [
    /not authorized|access ?denied|assume|permission/i,
    "Give the pipeline's role what docs/permissions.md lists for load tests.",
  ],
];

export function loadTestAdvice(reasons: string): string {
  return ADVICE.find(([pattern]) => pattern.test(reasons))?.[1] ?? 'The job in the console says more.';
}
