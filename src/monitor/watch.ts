import { isTransient } from '../aws/errors.ts';
import type { ExecutionState, Pipelines } from '../aws/types.ts';
import { calmPauseMs, type Clock } from '../core/clock.ts';
import type { StepState } from '../core/runner.ts';
import { formatDuration, printableLine } from '../core/text.ts';

/** How an execution ended for us. `steps` is their last known state. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly steps: readonly StepState[] }
  | { readonly kind: 'failed'; readonly steps: readonly StepState[]; readonly reason: string | undefined }
  | { readonly kind: 'stopped'; readonly steps: readonly StepState[] }
  | { readonly kind: 'timed-out'; readonly steps: readonly StepState[] }
  | { readonly kind: 'cancelled'; readonly steps: readonly StepState[] };

export interface WatchContext {
  readonly pipelines: Pipelines;
  /** How many requests were made so far. */
  readonly requestsMade: () => number;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  /** Shows the steps as they are, at every poll. */
  readonly show: (steps: readonly StepState[], nowMs: number) => void;
  /** Milliseconds since 1970 at which we give up. */
  readonly deadlineMs: number;
  /** Aborts when the workflow is cancelled. */
  readonly cancelled: AbortSignal;
  /** 0 to below 1; spreads the polls of many jobs. */
  readonly random: () => number;
}

interface Snapshot {
  readonly execution: ExecutionState;
  readonly steps: readonly StepState[];
}

/** After so long without a change it is said that all goes on. */
const HEARTBEAT_MS = 300_000;

/**
 * Follows an execution to its end. A failed poll never fails the run while the error is one that passes.
 * @throws DeployError where polling fails for good (denied, credentials expired)
 */
export async function watchExecution(arn: string, startedAtMs: number, context: WatchContext): Promise<Outcome> {
  let steps: readonly StepState[] = [];
  let failures = 0;
  let lastStatus = '';
  let reportedAtMs = startedAtMs;
  const report = (lines: readonly string[]): void => {
    for (const line of lines) context.log(line);
    if (lines.length > 0) reportedAtMs = context.clock.nowMs();
  };
  const cancellation = aborted(context.cancelled);
  for (;;) {
    if (context.cancelled.aborted) return { kind: 'cancelled', steps };
    const requestsBefore = context.requestsMade();
    const snapshot = await Promise.race([poll(arn, context), cancellation]);
    if (snapshot === 'cancelled') return { kind: 'cancelled', steps };
    failures = snapshot === undefined ? failures + 1 : 0;
    if (snapshot !== undefined) {
      report(stepChanges(steps, snapshot.steps, context.clock.nowMs()));
      steps = snapshot.steps;
      context.show(steps, context.clock.nowMs());
      const end = terminal(snapshot, lastStatus);
      if (end !== undefined) return end;
      lastStatus = snapshot.execution.status;
    }
    const nowMs = context.clock.nowMs();
    if (nowMs >= context.deadlineMs) return { kind: 'timed-out', steps };
    if (nowMs - reportedAtMs >= HEARTBEAT_MS)
      report([heartbeat(steps, { startedAtMs, nowMs, deadlineMs: context.deadlineMs })]);
    const sinceStartMs = nowMs - startedAtMs;
    const requests = context.requestsMade() - requestsBefore;
    const pause = pollDelayMs({ sinceStartMs, failures, random: context.random(), requests });
    await context.clock.sleep(Math.min(pause, context.deadlineMs - nowMs), context.cancelled);
  }
}

/**
 * undefined: the poll failed in a way that passes. The steps are asked for after the execution: were they older than it, an
 * execution that has ended could seem to lack its last step.
 */
async function poll(arn: string, { cancelled, pipelines, log }: WatchContext): Promise<Snapshot | undefined> {
  try {
    const execution = await pipelines.execution(arn);
    const steps = await pipelines.steps(arn);
    return { execution, steps };
  } catch (thrown) {
    const cause: unknown = thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
    if (!isTransient(cause)) throw thrown;
    const said = thrown instanceof Error ? thrown.message : String(thrown);
    if (!cancelled.aborted) log(`A poll of the execution failed and will be repeated: ${said}`);
    return undefined;
  }
}

function aborted(signal: AbortSignal): Promise<'cancelled'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('cancelled');
    else signal.addEventListener('abort', () => resolve('cancelled'), { once: true });
  });
}

/** A status that nobody here knows is an end when it is answered a second time: what goes on has a name. */
function terminal({ execution, steps }: Snapshot, lastStatus: string): Outcome | undefined {
  switch (execution.status) {
    case 'Succeeded':
      return { kind: 'succeeded', steps };
    case 'Failed':
      return { kind: 'failed', steps, reason: execution.failureReason };
    case 'Stopped':
      return { kind: 'stopped', steps };
    case 'Executing':
    case 'Stopping':
      return undefined;
    default:
      return execution.status === lastStatus ? { kind: 'failed', steps, reason: unknownEnd(execution) } : undefined;
  }
}

function unknownEnd({ status, failureReason }: ExecutionState): string {
  const why = failureReason === undefined ? '' : ` (${failureReason})`;
  return `it ended as ${printableLine(status, 100)}${why}; expected Succeeded`;
}

// A look is two requests: within the first minute every 2 s at most (mistakes fail early), then calmer; from five minutes
// on at most four requests a minute, whatever a look takes.
const QUICK_MS = 60_000;
const REQUESTS = 2;

/** How long to wait before the next poll. Failed polls wait longer, up to two minutes. */
export function pollDelayMs({
  sinceStartMs,
  failures,
  random,
  requests = REQUESTS,
}: {
  sinceStartMs: number;
  failures: number;
  random: number;
  /** How many requests the last poll took. */
  requests?: number;
}): number {
  const calmMs = calmPauseMs(sinceStartMs, Math.max(requests, REQUESTS));
  if (failures > 0) return Math.max(calmMs, Math.min(2 ** failures * 1_000 * (1 + random), 120_000));
  if (sinceStartMs < QUICK_MS) return Math.min(500 + sinceStartMs / 10, 1_500) * (1 + random / 4);
  return Math.max(calmMs, 10_000) * (1 + random / 4);
}

/** One line for each step that changed between two polls. */
function stepChanges(before: readonly StepState[], after: readonly StepState[], nowMs: number): readonly string[] {
  return after.flatMap((step) => {
    const old = before.find(({ name }) => name === step.name);
    const changed = old === undefined || old.status !== step.status || old.attempts !== step.attempts;
    return changed ? [stepLine(step, nowMs)] : [];
  });
}

function stepLine(step: StepState, nowMs: number): string {
  const took = stepDurationMs(step, nowMs);
  const ended = step.endedAtMs !== undefined;
  const notes = [
    ended && took !== undefined ? `after ${formatDuration(took)}` : '',
    step.cachedFrom === undefined ? '' : '(from the cache)',
    step.attempts > 1 ? `(attempt ${step.attempts})` : '',
    step.status === 'Failed' ? `- ${step.failureReason ?? 'no reason given'}` : '',
  ];
  return [step.name.padEnd(24), step.status.padEnd(9), ...notes.filter((note) => note !== '')].join(' ').trimEnd();
}

/** When this little is left of the time, the heartbeat says so. */
const NEAR_MS = 15 * 60_000;

/** `Still running after 40 min 0 s: PackagingStep for 35 min 2 s`, and the time left when the time-out is near. */
function heartbeat(
  steps: readonly StepState[],
  { startedAtMs, nowMs, deadlineMs }: { startedAtMs: number; nowMs: number; deadlineMs: number },
): string {
  const running = steps
    .filter(({ endedAtMs }) => endedAtMs === undefined)
    .map((step) => {
      const took = stepDurationMs(step, nowMs);
      const attempt = step.attempts > 1 ? ` (attempt ${step.attempts})` : '';
      return `${step.name}${took === undefined ? '' : ` for ${formatDuration(took)}`}${attempt}`;
    });
  const what = running.length === 0 ? '' : `: ${running.join(', ')}`;
  const leftMs = deadlineMs - nowMs;
  const left = leftMs <= NEAR_MS ? `; ${formatDuration(leftMs)} left of timeout-minutes` : '';
  return `Still running after ${formatDuration(nowMs - startedAtMs)}${what}${left}`;
}

/** How long a step has run, or ran. */
export function stepDurationMs({ startedAtMs, endedAtMs }: StepState, nowMs: number): number | undefined {
  return startedAtMs === undefined ? undefined : (endedAtMs ?? nowMs) - startedAtMs;
}
