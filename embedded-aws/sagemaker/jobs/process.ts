import { type ChildProcess, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import type { Command } from './container.ts';

/** CloudWatch Logs takes 256 KiB an event; longer lines are cut into several. */
const longestLine = 256 * 1024 - 26;

/** How long the output of a job may still arrive after its end. */
const DRAIN_MS = 2_000;

export type Ended = { readonly exitCode: number; readonly timedOut: boolean };

export type Watch = {
  readonly cwd: string;
  readonly onLine: (line: string) => void;
  /** Ends the process and all it started: SIGTERM, and after the grace SIGKILL. */
  readonly signal: AbortSignal;
  readonly graceMs: number;
  readonly timeoutMs: number;
  /** Groups that are running, for the case that this process ends before them. */
  readonly groups: Set<number>;
};

/** Runs a command in a process group of its own, so that a stop reaches its children too. */
export async function runProcess(command: Command, watch: Watch): Promise<Ended> {
  const child = spawn(command.command, command.args, {
    cwd: watch.cwd,
    env: command.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  forEachLine(child.stdout, watch.onLine);
  forEachLine(child.stderr, watch.onLine);
  let timedOut = false;
  const terminate = () => stopGroup(child, watch.graceMs);
  const timer = setTimeout(
    () => {
      timedOut = true;
      terminate();
    },
    Math.min(watch.timeoutMs, 2 ** 31 - 1),
  );
  watch.signal.addEventListener('abort', terminate);
  if (child.pid !== undefined) watch.groups.add(child.pid);
  try {
    if (watch.signal.aborted) terminate();
    return { exitCode: await exitOf(child, watch.onLine), timedOut };
  } finally {
    clearTimeout(timer);
    watch.signal.removeEventListener('abort', terminate);
    if (child.pid !== undefined) watch.groups.delete(child.pid);
  }
}

/** A container ends when its first process ends: whatever that left behind is killed, and with it the open pipes. */
function exitOf(child: ChildProcess, onLine: (line: string) => void): Promise<number> {
  return new Promise((settle) => {
    child.once('error', (error) => {
      onLine(`The entry point could not be started: ${error.message}`);
      settle(127);
    });
    child.once('exit', () => {
      killGroup(child.pid, 'SIGKILL');
      // A daemon in a session of its own can keep the pipes open: what it may still write is not the job's.
      setTimeout(() => [child.stdout, child.stderr].forEach((stream) => void stream?.destroy()), DRAIN_MS).unref();
    });
    child.once('close', (code, signal) => settle(code ?? 128 + (signal === 'SIGKILL' ? 9 : 15)));
  });
}

function stopGroup(child: ChildProcess, graceMs: number): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  killGroup(child.pid, 'SIGTERM');
  const timer = setTimeout(() => killGroup(child.pid, 'SIGKILL'), graceMs);
  child.once('exit', () => clearTimeout(timer));
}

export function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

function forEachLine(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.replace(/\r$/, ''));
    for (; rest.length > longestLine; rest = rest.slice(longestLine)) onLine(rest.slice(0, longestLine));
  });
  stream.on('end', () => {
    const last = rest + decoder.end();
    if (last !== '') onLine(last);
  });
}
