import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ExitCode } from './exit-code.ts';
import { commandLine } from './index.ts';

/** Runs what was typed after the word `command-line`; resolves once all is written. */
export async function startCommandLine(program: NodeJS.Process): Promise<ExitCode> {
  leaveOutSdkWarning(program);
  const startedFrom = dirname(realpathSync(program.argv[1] ?? '.'));
  const code = await commandLine(program.argv.slice(3), program, startedFrom);
  await Promise.all([program.stdout, program.stderr].map(written));
  return code;
}

/** On some systems a pipe is written to later, and the end of the process would cut it. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** The SDK is in the bundle: what it says of Node versions to come is for those who build that, not for its users. */
function leaveOutSdkWarning(program: NodeJS.Process): void {
  const printers = program.listeners('warning');
  program.removeAllListeners('warning');
  program.on('warning', (warning) => {
    if (warning.message.startsWith('NodeVersionSupportWarning')) return;
    for (const print of printers) print.call(program, warning);
  });
}
