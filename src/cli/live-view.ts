import type { StepState } from '../aws/types.ts';
import { formatDuration, formatSize } from '../core/text/format.ts';
import { printable } from '../core/text/printable.ts';
import { quarters } from '../core/text/quarters.ts';
import { type Progress, progressLines, type Transfer } from './progress.ts';
import type { Terminal } from './terminal.ts';

const REDRAW_MS = 250;
/** A transfer that took less leaves no line behind. */
const WORTH_A_LINE_MS = 2_000;

/** What a runner tells of things that take long. */
export interface Moving {
  transfer(what: string, totalBytes: number): (doneBytes: number) => void;
  showSteps(steps: readonly StepState[], stepsInAll: number): void;
  end(): void;
}

/** Lines that move where they can, and lines of a log where they cannot. */
export function createMoving(terminal: Terminal): Moving {
  return terminal.moves ? moving(terminal) : still(terminal);
}

function still(terminal: Terminal): Moving {
  return {
    transfer: (what, totalBytes) => quarters({ what, totalBytes }, (line) => terminal.log(printable(line))),
    showSteps: () => undefined,
    end: () => undefined,
  };
}

function moving(terminal: Terminal): Moving {
  const transfers = new Set<Transfer>();
  let shown: Pick<Progress, 'steps' | 'stepsInAll'> = { steps: [], stepsInAll: 0 };
  const draw = (): void => {
    const view = { nowMs: Date.now(), columns: terminal.columns() };
    terminal.show(progressLines({ transfers: [...transfers], ...shown }, view));
  };
  const timer = setInterval(draw, REDRAW_MS).unref();
  return {
    transfer(what, totalBytes) {
      let now: Transfer = { what, totalBytes, doneBytes: 0, startedAtMs: Date.now() };
      transfers.add(now);
      return (doneBytes) => {
        if (!transfers.delete(now)) return;
        now = { ...now, doneBytes };
        if (doneBytes < totalBytes) transfers.add(now);
        else tellEnd(now, terminal);
      };
    },
    showSteps(steps, stepsInAll) {
      shown = { steps, stepsInAll };
      draw();
    },
    end() {
      clearInterval(timer);
      terminal.end();
    },
  };
}

function tellEnd({ what, totalBytes, startedAtMs }: Transfer, terminal: Terminal): void {
  const tookMs = Date.now() - startedAtMs;
  if (tookMs < WORTH_A_LINE_MS) return;
  terminal.log(printable(`${what}: ${formatSize(totalBytes)} in ${formatDuration(tookMs)}`));
}
