import { randomInt } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import * as core from '@actions/core';
import { createAws } from '../aws/sdk/index.ts';
import { systemClock } from '../core/clock.ts';
import { readContext } from '../core/context.ts';
import { markPost, STATE_NAMES } from '../core/runner.ts';
import { createOpenFiles } from '../rehearsal/guarded-files.ts';
import { containerFolder, createOpenTarget } from '../run/dependencies.ts';
import { run } from '../run/run.ts';
import { createComments } from './comments.ts';
import { assumedRole } from './role.ts';
import { createRunner } from './runner.ts';

/**
 * Post is another process of the same program. What cannot be told to it stops the step at once: it would deploy again.
 * @throws Error where neither the state nor a mark in its place can be written
 */
function announcePost(environment: NodeJS.ProcessEnv): void {
  try {
    core.saveState(STATE_NAMES.isPost, 'true');
  } catch {
    markPost(environment);
  }
}

/** The main step of the action: real clients, clock and files behind the run. */
export async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const here = process.cwd();
  const context = readContext(environment, here);
  const runner = createRunner(context.tempFolder, environment['GITHUB_STEP_SUMMARY']);
  announcePost(environment);
  const cancelled = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancelled.abort());
  const openAws = (deadlineMs?: number) =>
    createAws({ credentials: assumedRole(context), deadlineMs, cancelled: cancelled.signal });
  const programFolder = dirname(realpathSync(process.argv[1] ?? '.'));
  await run({
    input: (name) => core.getInput(name),
    context,
    runner,
    openAws,
    openTarget: createOpenTarget({
      openAws,
      runner,
      environment,
      programFolder,
      tempFolder: context.tempFolder,
      here,
      nowMs: () => systemClock.nowMs(),
      cancelled: cancelled.signal,
    }),
    comments: createComments(),
    clock: systemClock,
    openFiles: createOpenFiles({ environment, here, workspace: context.workspace }),
    containerFolder: containerFolder(programFolder),
    cancelled: cancelled.signal,
    random: () => randomInt(1_000_000) / 1_000_000,
  });
}
