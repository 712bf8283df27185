import type { Environment } from '../core/context.ts';
import type { StepState } from '../core/runner.ts';
import {
  formatDuration,
  formatSize,
  printable,
  printableLine,
  progressMilestones,
  shorten,
  wrapText,
} from '../core/text.ts';
import { stepDurationMs } from '../monitor/watch.ts';

type Stream = NodeJS.WriteStream;
/** Puts text into a colour (codes of ECMA-48), or leaves it as it is. */
type Highlight = (text: string, code: string) => string;

/** Where text goes. The live lines stay below the lines that are printed. */
export interface Terminal {
  /** Whether something can move here. */
  readonly moves: boolean;
  /** Characters a line, at this moment. */
  columns(): number;
  /** Prints lines of the log; the text is safe already. */
  log(text: string): void;
  /** Prints errors and warnings. */
  complain(text: string): void;
  /** For complaints. */
  readonly highlight: Highlight;
  readonly hasColour: boolean;
  /** Shows these lines in place of those shown before. */
  show(lines: readonly string[]): void;
  /** Removes the live lines and shows the cursor again. */
  end(): void;
}

export interface Streams {
  readonly log: Stream;
  readonly complaints: Stream;
}

export async function openTerminal(streams: Streams, environment: Environment): Promise<Terminal> {
  const { log, complaints } = streams;
  // A reader that went away (`| head`) ends no deployment.
  for (const stream of new Set([log, complaints])) stream.on('error', () => undefined);
  const moves = canMove(log, environment);
  // A terminal that does not know its size says 0.
  const widthOf = (stream: Stream): number => stream.columns || Number(environment['COLUMNS']) || 80;
  const update = moves ? (await import('log-update')).createLogUpdate(log) : undefined;
  let shown = '';
  const above = (stream: Stream, text: string): void => {
    if (shown !== '') update?.clear();
    // A pipe's reader wants whole lines.
    stream.write(`${stream.isTTY ? wrapText(text, widthOf(stream)) : text}\n`);
    if (shown !== '') update?.(shown);
  };
  return {
    moves,
    columns: () => widthOf(log),
    hasColour: hasColour(log, environment),
    log: (text) => above(log, text),
    complain: (text) => above(complaints, text),
    highlight: highlighter(complaints, environment),
    show(lines) {
      shown = lines.join('\n');
      if (shown === '') update?.clear();
      else update?.(shown);
    },
    end() {
      if (shown !== '') update?.clear();
      shown = '';
      update?.done();
    },
  };
}

export function highlighter(stream: Stream, environment: Environment): Highlight {
  const colours = hasColour(stream, environment);
  return (text, code) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
}

function canMove(stream: Stream, environment: Environment): boolean {
  return stream.isTTY && !environment['CI'] && environment['TERM'] !== 'dumb';
}

/** As force-color.org and no-color.org have it; the first wins, as in Node. */
function hasColour(stream: Stream, environment: Environment): boolean {
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (environment['NO_COLOR']) return false;
  return stream.isTTY && environment['TERM'] !== 'dumb';
}

/** A transfer under way. */
interface Transfer {
  readonly what: string;
  readonly totalBytes: number;
  readonly doneBytes: number;
  readonly startedAtMs: number;
}

/** The live lines at the bottom of a terminal. */
export interface Progress {
  readonly transfers: readonly Transfer[];
  readonly steps: readonly StepState[];
  /** How many steps there will be. */
  readonly stepsInAll: number;
}

export interface ProgressView {
  readonly nowMs: number;
  /** Characters a line. */
  readonly columns: number;
}

const BAR = 20;

/** The live lines: one for each transfer, one for the steps of the execution. */
export function progressLines({ transfers, ...progress }: Progress, view: ProgressView): readonly string[] {
  const lines = transfers.map((transfer) => transferLine(transfer, view));
  if (progress.steps.length > 0) lines.push(stepsLine(progress, view));
  // One character stays free: some terminals wrap a line that is exactly as wide as they are.
  return lines.map((line) => shorten(printableLine(line), Math.max(view.columns - 1, 20)));
}

function transferLine({ what, totalBytes, doneBytes, startedAtMs }: Transfer, { nowMs }: ProgressView): string {
  const fraction = totalBytes === 0 ? 1 : Math.min(doneBytes / totalBytes, 1);
  const tookMs = Math.max(nowMs - startedAtMs, 1);
  const left = doneBytes === 0 ? '' : `, ${formatDuration((tookMs * (1 - fraction)) / fraction)} left`;
  const rate = doneBytes === 0 ? '' : `, ${formatSize(Math.round((doneBytes / tookMs) * 1000))}/s`;
  const numbers = `${formatSize(doneBytes)} of ${formatSize(totalBytes)}${rate}${left}`;
  // What may be long comes last: a narrow terminal cuts it.
  return `${bar(fraction)} ${percent(fraction)} ${numbers}; ${what}`;
}

function stepsLine({ steps, stepsInAll }: Omit<Progress, 'transfers'>, { nowMs }: ProgressView): string {
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

const REDRAW_MS = 250;
/** A transfer that took less leaves no line behind. */
const WORTH_A_LINE_MS = 2_000;

/** How a runner shows what takes long. */
export interface LiveView {
  transfer(what: string, totalBytes: number): (doneBytes: number) => void;
  showSteps(steps: readonly StepState[], stepsInAll: number): void;
  end(): void;
}

/** Lines that move where they can, and lines of a log where they cannot. */
export function createLiveView(terminal: Terminal): LiveView {
  return terminal.moves ? liveView(terminal) : plainView(terminal);
}

function plainView(terminal: Terminal): LiveView {
  return {
    transfer: (what, totalBytes) => progressMilestones({ what, totalBytes }, (line) => terminal.log(printable(line))),
    showSteps: () => undefined,
    end: () => undefined,
  };
}

function liveView(terminal: Terminal): LiveView {
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
