import { createAws } from '../aws/sdk/index.ts';
import { systemClock } from '../core/clock.ts';
import { readContext } from '../core/context.ts';
import { cleanUp } from '../run/cleanup.ts';
import { assumedRole } from './role.ts';
import { createRunner } from './runner.ts';

/** The post step of the action. */
export async function post(environment: NodeJS.ProcessEnv): Promise<void> {
  const context = readContext(environment, process.cwd());
  await cleanUp({
    // What @actions/core reads as getState; the runner hands the saved state over in these variables.
    state: (name) => environment[`STATE_${name}`] ?? '',
    openAws: (deadlineMs) => createAws({ credentials: assumedRole(context), deadlineMs }),
    clock: systemClock,
    runner: createRunner(context.tempFolder, environment['GITHUB_STEP_SUMMARY']),
  });
}
