import { spawn, type ChildProcess } from 'node:child_process';

export interface TimedSignal {
  readonly signal: NodeJS.Signals;
  /** Counted from the moment that starts the plan. */
  readonly afterMs: number;
}

/** How GitHub cancels a step (actions/runner, ProcessInvoker): a request, a firmer one, the end. */
export const CANCEL: readonly TimedSignal[] = [
  { signal: 'SIGINT', afterMs: 0 },
  { signal: 'SIGTERM', afterMs: 7_500 },
  { signal: 'SIGKILL', afterMs: 10_000 },
];

export interface SignalPlan {
  /** Asked every few milliseconds with everything printed so far, until true. It may look elsewhere: at requests, say. */
  readonly when: (printed: string) => boolean;
  /** Default: `CANCEL`. */
  readonly send?: readonly TimedSignal[];
}

export interface OutputLine {
  /** Milliseconds since the process was started, when the line was whole. */
  readonly atMs: number;
  readonly text: string;
}

export interface StepRun {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of standard output. */
  readonly lines: readonly OutputLine[];
  readonly durationMs: number;
}

export interface StepOptions {
  readonly nodePath: string;
  readonly entry: string;
  readonly workspace: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onOutput?: ((child: ChildProcess, printed: string) => void) | undefined;
  readonly onStart?: ((child: ChildProcess) => void) | undefined;
  readonly signals?: SignalPlan | undefined;
}

const LOOK_EVERY_MS = 5;

/** Runs one step of an action as a process with exactly the given environment, and waits for its end. */
export function runStep(options: StepOptions): Promise<StepRun> {
  const startedAtMs = performance.now();
  const sinceStart = () => performance.now() - startedAtMs;
  const child = spawn(options.nodePath, [options.entry], {
    cwd: options.workspace,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onStart?.(child);
  let stdout = '';
  let stderr = '';
  let open = '';
  const lines: OutputLine[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const parts = (open + text).split('\n');
    open = parts.pop() ?? '';
    lines.push(...parts.map((part) => ({ atMs: sinceStart(), text: part })));
    options.onOutput?.(child, stdout);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const stopSignals = options.signals && sendSignals(child, options.signals, () => stdout);
  return new Promise<StepRun>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      if (open !== '') lines.push({ atMs: sinceStart(), text: open });
      resolve({ exitCode, signal, stdout, stderr, lines, durationMs: sinceStart() });
    });
  }).finally(stopSignals);
}

/** Returns what ends it. */
export function sendSignals(
  child: Pick<ChildProcess, 'kill'>,
  { when, send = CANCEL }: SignalPlan,
  printed: () => string,
): () => void {
  let timers: readonly NodeJS.Timeout[] = [];
  const look = setInterval(() => {
    if (!when(printed())) return;
    clearInterval(look);
    timers = send.map(({ signal, afterMs }) => setTimeout(() => child.kill(signal), afterMs));
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(look);
    for (const timer of timers) clearTimeout(timer);
  };
}
