import * as core from '@actions/core';
import { randomInt } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { createAws } from '../aws/sdk/index.ts';
import { systemClock } from '../clock.ts';
import { readContext } from '../context.ts';
import { createFiles } from '../files.ts';
import { run } from '../main.ts';
import { STATE_NAMES } from '../report/state.ts';
import { assumedRole } from './role.ts';
import { createRunner } from './runner.ts';

/** The main step of the action: real clients, clock and files behind the run. */
export async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const context = readContext(environment, process.cwd());
  const runner = createRunner(context.tempFolder, environment['GITHUB_STEP_SUMMARY']);
  runner.saveState(STATE_NAMES.isPost, 'true');
  const cancelled = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancelled.abort());
  await run({
    input: (name) => core.getInput(name),
    context,
    runner,
    aws: createAws(assumedRole(context)),
    clock: systemClock,
    openFiles: (folder) => createFiles(folder === undefined ? context.workspace : absolute(folder, context.workspace)),
    containerFolder: containerFolder(dirname(realpathSync(process.argv[1] ?? '.'))),
    cancelled: cancelled.signal,
    random: () => randomInt(1_000_000) / 1_000_000,
  });
}

/** The action's `container/` folder: beside `dist/`, wherever in the checkout this file was started from. */
function containerFolder(from: string): string {
  const here = join(from, 'container');
  return existsSync(here) || dirname(from) === from ? here : containerFolder(dirname(from));
}

function absolute(folder: string, workspace: string): string {
  return isAbsolute(folder) ? folder : join(workspace, folder);
}
