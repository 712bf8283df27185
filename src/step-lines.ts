import type { StepState } from './aws/types.ts';
import { formatDuration } from './text/units.ts';

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

/** How long a step has run, or ran. */
export function stepDurationMs({ startedAtMs, endedAtMs }: StepState, nowMs: number): number | undefined {
  return startedAtMs === undefined ? undefined : (endedAtMs ?? nowMs) - startedAtMs;
}
