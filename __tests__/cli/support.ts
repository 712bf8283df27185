import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { credentials, type World } from '../e2e/world.ts';
import { ROOT } from '../harness/run-action.ts';

/** What npx starts. */
export const BIN = join(ROOT, 'bin', 'bsm-pytorch-deploy.js');

export interface CommandRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Called at every piece of output, with all of it. */
  readonly onOutput?: (child: ChildProcess, printed: string) => void;
}

/** The environment of somebody at a terminal, with an account: nothing of GitHub, and folders of their own. */
export function userEnvironment(world: World): Record<string, string> {
  const temp = join(world.workspace, 'temp');
  mkdirSync(temp, { recursive: true });
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: world.workspace,
    TMPDIR: temp,
    ...credentials(world.aws.url),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** The command line as a process, its output in pipes. */
export function runCommand(world: World, args: readonly string[], options: CommandOptions = {}): Promise<CommandRun> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: world.workspace,
    env: { ...userEnvironment(world), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
      options.onOutput?.(child, printed.stdout + printed.stderr);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...printed }));
  });
}
