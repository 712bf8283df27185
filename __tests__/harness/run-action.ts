import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readFileCommands } from './file-commands.ts';

export const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface ActionOptions {
  /** By name, as in a workflow's `with:`. All others get the default of action.yml. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Added to the runner's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly workspace: string;
  /** Default: the committed bundle. */
  readonly entry?: string;
  /** Called with the process and everything printed so far, at every piece of output: to send signals. */
  readonly onOutput?: (child: ChildProcess, printed: string) => void;
  /** Called with the process of the main step as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Run the post step afterwards, as the runner does; default true. */
  readonly post?: boolean;
}

export interface StepRun {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ActionRun extends StepRun {
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly durationMs: number;
  readonly post: StepRun | undefined;
}

/** Starts the action as GitHub's runner starts a node24 action: clean environment, INPUT_*, file commands, then post. */
export async function runAction(options: ActionOptions): Promise<ActionRun> {
  const temp = mkdtempSync(join(tmpdir(), 'action-'));
  try {
    const files = fileCommands(temp);
    const env = {
      ...runnerEnvironment(temp, options.workspace),
      ...files,
      ...inputVariables(options.inputs),
      ...options.env,
    };
    const startedAtMs = Date.now();
    const main = await runStep(env, options);
    const durationMs = Date.now() - startedAtMs;
    const state = readFileCommands(files.GITHUB_STATE);
    const saved = Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
    const post =
      options.post === false
        ? undefined
        : await runStep({ ...env, ...saved }, { ...options, onOutput: undefined, onStart: undefined });
    return {
      ...main,
      outputs: readFileCommands(files.GITHUB_OUTPUT),
      state,
      summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
      durationMs,
      post,
    };
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

function runStep(
  env: Readonly<Record<string, string>>,
  {
    entry,
    onOutput,
    onStart,
    workspace,
  }: Pick<ActionOptions, 'entry' | 'workspace'> & {
    onOutput?: ActionOptions['onOutput'] | undefined;
    onStart?: ActionOptions['onStart'] | undefined;
  },
): Promise<StepRun> {
  const node = process.env['BSM_NODE24'] || process.execPath;
  const child = spawn(node, [entry ?? join(ROOT, 'dist', 'index.js')], {
    cwd: workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onOutput?.(child, stdout);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
}

function fileCommands(temp: string) {
  const files = {
    GITHUB_OUTPUT: join(temp, 'output'),
    GITHUB_STATE: join(temp, 'state'),
    GITHUB_STEP_SUMMARY: join(temp, 'summary.md'),
    GITHUB_ENV: join(temp, 'env'),
    GITHUB_PATH: join(temp, 'path'),
  };
  for (const path of Object.values(files)) writeFileSync(path, '');
  return files;
}

function runnerEnvironment(temp: string, workspace: string): Record<string, string> {
  const folder = (name: string) => {
    const path = join(temp, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const event = join(temp, 'event.json');
  writeFileSync(event, JSON.stringify({ action: 'published', release: { tag_name: 'v1.3.0' } }));
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder('home'),
    RUNNER_TEMP: folder('runner'),
    RUNNER_OS: 'Linux',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace,
    GITHUB_REPOSITORY: 'org/models',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_RUN_ID: '4711',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_SHA: '1234567890abcdef1234567890abcdef12345678',
    GITHUB_REF: 'refs/tags/v1.3.0',
    GITHUB_REF_NAME: 'v1.3.0',
    GITHUB_REF_TYPE: 'tag',
    GITHUB_ACTOR: 'octocat',
    GITHUB_EVENT_NAME: 'release',
    GITHUB_EVENT_PATH: event,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** As the runner names them: upper case, blanks to underscores, hyphens kept; every input that is not given has its default. */
function inputVariables(given: Readonly<Record<string, string>>): Record<string, string> {
  const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as {
    inputs: Record<string, { default?: string }>;
  };
  const values = Object.entries(action.inputs).map(([name, input]) => {
    const usual = input.default === '${{ github.token }}' ? 'ghs_token' : (input.default ?? '');
    return [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, given[name] ?? usual] as const;
  });
  return Object.fromEntries(values);
}
