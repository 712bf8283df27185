import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputVariables, runnerEnvironment } from './environment.ts';
import { readFileCommands } from './file-commands.ts';
import { runStep, type SignalPlan, type StepRun } from './step.ts';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface ActionOptions {
  /** By name, as in a workflow's `with:`. All others get the default of action.yml. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Added to the runner's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly workspace: string;
  /** Default: the committed bundle. */
  readonly entry?: string;
  /** Default: this project's. */
  readonly actionPath?: string;
  /** The node that runs the action; default `BSM_NODE24`, else the one that runs the tests. */
  readonly nodePath?: string;
  /** Signals for the main step, as a cancelled workflow sends them. */
  readonly signals?: SignalPlan;
  /** Called with the process and everything printed so far, at every piece of output of the main step. */
  readonly onOutput?: (child: ChildProcess, printed: string) => void;
  /** Called with the process of the main step as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Run the post step afterwards, as the runner does; default true. */
  readonly post?: boolean;
}

/** The main step, with what it left in its files, and the post step. */
export interface ActionRun extends StepRun {
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly post: StepRun | undefined;
}

/** Starts the action as GitHub's runner starts a node24 action: clean environment, INPUT_*, file commands, then post. */
export async function runAction(options: ActionOptions): Promise<ActionRun> {
  const temp = mkdtempSync(join(tmpdir(), 'action-'));
  try {
    const env = {
      ...runnerEnvironment(temp, options.workspace),
      ...inputVariables(options.inputs, options.actionPath ?? join(ROOT, 'action.yml')),
    };
    const files = fileCommands(join(temp, 'main'));
    const { onOutput, onStart, signals } = options;
    const watched = { ...program(options), onOutput, onStart, signals };
    const main = await runStep({ ...watched, env: { ...env, ...files, ...options.env } });
    const state = readFileCommands(files.GITHUB_STATE);
    const left = {
      outputs: readFileCommands(files.GITHUB_OUTPUT),
      state,
      summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
    };
    if (options.post === false) return { ...main, ...left, post: undefined };
    const saved = Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
    const post = await runStep({
      ...program(options),
      env: { ...env, ...fileCommands(join(temp, 'post')), ...saved, ...options.env },
    });
    return { ...main, ...left, post };
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

function program({ nodePath, entry, workspace }: ActionOptions) {
  return {
    nodePath: nodePath ?? (process.env['BSM_NODE24'] || process.execPath),
    entry: entry ?? join(ROOT, 'dist', 'index.js'),
    workspace,
  };
}

/** Every step has files of its own. */
function fileCommands(folder: string) {
  mkdirSync(folder);
  const files = {
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STATE: join(folder, 'state'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
    GITHUB_ENV: join(folder, 'env'),
    GITHUB_PATH: join(folder, 'path'),
  };
  for (const path of Object.values(files)) writeFileSync(path, '');
  return files;
}
