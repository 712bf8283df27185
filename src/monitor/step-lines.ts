import type { StepState } from '../aws/types.ts';
import { formatDuration } from '../core/text/format.ts';

/** One line for each step that changed between two looks. */
export function stepChanges(
  before: readonly StepState[],
  after: readonly StepState[],
  nowMs: number,
): readonly string[] {
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
export function heartbeat(
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
