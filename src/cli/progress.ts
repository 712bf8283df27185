import type { StepState } from '../aws/types.ts';
import { formatDuration, formatSize } from '../core/text/format.ts';
import { printableLine, shorten } from '../core/text/printable.ts';
import { stepDurationMs } from '../monitor/step-lines.ts';

/** A transfer under way. */
export interface Transfer {
  readonly what: string;
  readonly totalBytes: number;
  readonly doneBytes: number;
  readonly startedAtMs: number;
}

/** What moves at the bottom of a terminal. */
export interface Progress {
  readonly transfers: readonly Transfer[];
  readonly steps: readonly StepState[];
  /** How many steps there will be. */
  readonly stepsInAll: number;
}

export interface View {
  readonly nowMs: number;
  /** Characters a line. */
  readonly columns: number;
}

const BAR = 20;

/** The moving lines: one for each transfer, one for the steps of the execution. */
export function progressLines({ transfers, ...progress }: Progress, view: View): readonly string[] {
  const lines = transfers.map((transfer) => transferLine(transfer, view));
  if (progress.steps.length > 0) lines.push(stepsLine(progress, view));
  // One character stays free: some terminals wrap a line that is exactly as wide as they are.
  return lines.map((line) => shorten(printableLine(line), Math.max(view.columns - 1, 20)));
}

function transferLine({ what, totalBytes, doneBytes, startedAtMs }: Transfer, { nowMs }: View): string {
  const fraction = totalBytes === 0 ? 1 : Math.min(doneBytes / totalBytes, 1);
  const tookMs = Math.max(nowMs - startedAtMs, 1);
  const left = doneBytes === 0 ? '' : `, ${formatDuration((tookMs * (1 - fraction)) / fraction)} left`;
  const rate = doneBytes === 0 ? '' : `, ${formatSize(Math.round((doneBytes / tookMs) * 1000))}/s`;
  const numbers = `${formatSize(doneBytes)} of ${formatSize(totalBytes)}${rate}${left}`;
  // What may be long comes last: a narrow terminal cuts it.
  return `${bar(fraction)} ${percent(fraction)} ${numbers}; ${what}`;
}

function stepsLine({ steps, stepsInAll }: Omit<Progress, 'transfers'>, { nowMs }: View): string {
  const all = Math.max(stepsInAll, steps.length);
  const running = steps.filter(({ endedAtMs }) => endedAtMs === undefined);
  const done = steps.length - running.length;
  const what = running.map((step) => {
    const took = stepDurationMs(step, nowMs);
    return took === undefined ? step.name : `${step.name} ${formatDuration(took)}`;
  });
  return `${bar(done / all)} ${done} of ${all} steps done${what.length === 0 ? '' : `; ${what.join(', ')}`}`;
}

function bar(fraction: number): string {
  const filled = Math.round(fraction * BAR);
  return '█'.repeat(filled) + '░'.repeat(BAR - filled);
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)}`.padStart(3) + ' %';
}
