import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { createAws } from '../aws/sdk/index.ts';
import { systemClock } from '../core/clock.ts';
import { type Context, readContext } from '../core/context.ts';
import { createOpenFiles } from '../rehearsal/guarded-files.ts';
import type { Comments } from '../report/comment.ts';
import { isGreen, type Status } from '../report/record.ts';
import { containerFolder, createOpenTarget, type Dependencies } from '../run/dependencies.ts';
import { run } from '../run/run.ts';
import type { RunCommandLine } from './program.ts';
import { type CliSession, createTerminalRunner, type ExitCode, tellEnd } from './session.ts';
import { createLiveView, openTerminal } from './terminal.ts';

/** What was typed, and what there is to do it with. */
export interface CommandRequest {
  readonly line: RunCommandLine;
  readonly folder: CliSession['folder'];
  /** Where the started file stands: dist/ and container/ are found from there. */
  readonly programFolder: string;
}

/** A run from a terminal: real clients, clock and files behind it, as in a workflow. */
export async function runCommand(request: CommandRequest, program: NodeJS.Process): Promise<ExitCode> {
  const { json, verbose } = request.line;
  const { stdout, stderr, env } = program;
  const terminal = await openTerminal({ log: json ? stderr : stdout, complaints: stderr }, env);
  const record: CliSession['record'] = { outputs: new Map(), warnings: [], errors: [] };
  const session: CliSession = { terminal, live: createLiveView(terminal), folder: request.folder, verbose, record };
  const finish = (status: Status): ExitCode => {
    session.live.end();
    tellEnd(status, session, json ? (text) => stdout.write(`${text}\n`) : undefined);
    return exitCode(status, record.errors);
  };
  const cancelled = new AbortController();
  const silence = onInterrupt(program, {
    first: () => {
      terminal.complain('Cancelling. Press Ctrl-C again to stop waiting for that.');
      cancelled.abort();
    },
    second: () => {
      record.errors.push({ code: 'cancelled', message: leftBehind(record.outputs) });
      terminal.complain(leftBehind(record.outputs));
      program.exit(finish('cancelled'));
    },
  });
  const status = await run(await dependencies(request, { session, program, cancelled: cancelled.signal }));
  silence();
  return finish(status);
}

interface SessionContext {
  readonly session: CliSession;
  readonly program: NodeJS.Process;
  readonly cancelled: AbortSignal;
}

async function dependencies(
  { line, programFolder }: CommandRequest,
  { session, program, cancelled }: SessionContext,
): Promise<Dependencies> {
  const here = program.cwd();
  const runner = createTerminalRunner(session);
  const openTarget = createOpenTarget({
    openAws: (deadlineMs) => createAws({ deadlineMs, cancelled }),
    runner,
    environment: program.env,
    programFolder,
    tempFolder: tmpdir(),
    here,
    nowMs: () => systemClock.nowMs(),
    cancelled,
  });
  return {
    input: line.input,
    openAws: (deadlineMs) => createAws({ deadlineMs, cancelled }),
    // Relative paths start here, also in a step of a workflow.
    context: { ...(await withCommit(readContext(program.env, here), here)), workspace: here },
    runner,
    openTarget,
    ...(line.upload === undefined ? {} : { upload: resolve(here, line.upload) }),
    comments: NO_COMMENTS,
    clock: systemClock,
    openFiles: createOpenFiles({ environment: program.env, here, workspace: here }),
    containerFolder: containerFolder(programFolder),
    cancelled,
    random: () => randomInt(1_000_000) / 1_000_000,
  };
}

const NO_COMMENTS: Comments = {
  headCommit: () => Promise.resolve(undefined),
  keep: () => Promise.reject(new Error('Comments are written in a workflow only.')),
};

function leftBehind(outputs: ReadonlyMap<string, string>): string {
  const execution = outputs.get('pipeline-execution-arn');
  const goesOn = execution === undefined ? 'No pipeline execution was known to run.' : `It may still run: ${execution}`;
  return `Not waited for the end. ${goesOn}`;
}

function exitCode(status: Status, errors: CliSession['record']['errors']): ExitCode {
  if (errors.some(({ code }) => code === 'input-invalid')) return 2;
  return isGreen(status) ? 0 : 1;
}

/**
 * Ctrl-C reaches every process of a terminal, and npx hands on what it got: one press may arrive twice. Later signals
 * are a second wish.
 */
const ONE_PRESS_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Reactions {
  /** Cancels. */
  readonly first: () => void;
  /** Somebody does not want to wait for that. */
  readonly second: () => void;
}

/** Returns what ends it. */
function onInterrupt(program: NodeJS.Process, { first, second }: Reactions): () => void {
  let firstAtMs: number | undefined;
  const react = (): void => {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      first();
    } else if (nowMs - firstAtMs > ONE_PRESS_MS) second();
  };
  for (const signal of SIGNALS) program.on(signal, react);
  return () => {
    for (const signal of SIGNALS) program.off(signal, react);
  };
}

const GIT_MS = 5_000;

/** Outside GitHub the commit is the one checked out here, where nothing tracked was changed since. */
async function withCommit(context: Context, folder: string): Promise<Context> {
  if (context.provenance.commit !== 'none') return context;
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('git', args, { cwd: folder, timeout: GIT_MS });
    return stdout.trim();
  };
  try {
    const [commit, changed] = await Promise.all([
      git('rev-parse', '--verify', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=no'),
    ]);
    return changed === '' ? { ...context, provenance: { ...context.provenance, commit } } : context;
  } catch {
    // No git, or no repository: nothing is known.
    return context;
  }
}
