import { describe, expect, test } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import type { RegisteredPackage, RunReport, Status } from '../../src/report/record.ts';
import { summaryMarkdown } from '../../src/report/summary/index.ts';
import { REQUEST } from '../plan/fixture.ts';
import { failed, STARTED_MS, succeeded } from './samples.ts';

const NOW_MS = STARTED_MS + 800_000;
const summaryOf = (result: RunReport) => summaryMarkdown(result, NOW_MS);
const paragraph = (text: string, start: string) =>
  text
    .trimEnd()
    .split('\n\n')
    .find((part) => part.startsWith(start));
const NOTHING = { packages: [], steps: [], explanations: [], warnings: [], durationMs: 1 };

describe('the whole summary', () => {
  test('of a success', async () => {
    expect(summaryOf(await succeeded())).toMatchSnapshot();
  });

  test('of a failure has the cause first and the log folded', async () => {
    expect(summaryOf(await failed())).toMatchSnapshot();
  });

  test('of a rehearsal is marked as one, and leads nowhere', async () => {
    expect(summaryOf({ ...(await succeeded()), rehearsal: true })).toMatchSnapshot();
  });

  test.each(['succeeded', 'failed'])('of a rehearsal that %s has no link to the console', async (kind) => {
    const result = kind === 'failed' ? await failed() : await succeeded();
    const text = summaryOf({ ...result, rehearsal: true });
    expect(text).not.toContain('console.aws');
    expect(text).toContain(`## ${kind === 'failed' ? '❌' : '✅'} Rehearsal ${kind}: bsm-team-BSM-RnR-NA`);
  });
});

describe('the title', () => {
  test.each<[Status, string]>([
    ['succeeded', '## ✅ Registered: deployment to SageMaker'],
    ['reused', '## ✅ Registered already: deployment to SageMaker'],
    ['started', '## ✅ Started: deployment to SageMaker'],
    ['planned', '## ✅ Planned: deployment to SageMaker'],
    ['failed', '## ❌ Failed: deployment to SageMaker'],
    ['stopped', '## ❌ Stopped: deployment to SageMaker'],
    ['cancelled', '## ❌ Cancelled: deployment to SageMaker'],
    ['timed-out', '## ❌ Timed out: deployment to SageMaker'],
  ])('of %s is all there is where nothing else is known', (status, expected) => {
    expect(summaryOf({ ...NOTHING, status })).toBe(`${expected}\n`);
  });
});

describe('the cause', () => {
  const cause = (error: DeployError) => paragraph(summaryOf({ ...NOTHING, status: 'failed', error }), '> [!CAUTION]');
  const advice = 'Mend config.json.';

  test('is the message and the advice', () => {
    expect(cause(new DeployError('bucket-missing', 'There is no bucket b.', { advice }))).toBe(
      '> [!CAUTION]\n> There is no bucket b.\n>\n> Mend config.json.',
    );
  });

  test('is every finding with its place', () => {
    const diagnostics = [
      { message: 'one', place: { file: 'config.json', line: 3, column: 7 } },
      { message: 'two | three' },
    ];
    expect(cause(new DeployError('config-invalid', 'one\ntwo', { advice, diagnostics }))).toBe(
      '> [!CAUTION]\n> - config.json:3:7: one\n> - two &#124; three\n>\n> Mend config.json.',
    );
  });

  test('is no list where there is one finding only', () => {
    expect(cause(new DeployError('config-invalid', 'one', { diagnostics: [{ message: 'one' }] }))).toBe(
      '> [!CAUTION]\n> one',
    );
  });

  test('makes no link of an address that is not ours', () => {
    const error = new DeployError('internal', 'see https://evil.console.aws.amazon.com/x and more');
    expect(cause(error)).toBe('> [!CAUTION]\n> see https&#58;//evil.console.aws.amazon.com/x and more');
  });
});

describe('the lead', () => {
  const HASH = REQUEST.provenance.commit;
  const none = { commit: 'none', ref: 'none', runUrl: 'none', repository: 'none' };
  const repository = 'https://github.com/org/models';
  const lead = async (change: Partial<RunReport>) =>
    paragraph(summaryOf({ ...(await succeeded()), ...change }), 'The model');
  const MODEL = 'The model <code>s3://bsm-models-123456789012/releases/1.3.0/model.tar.gz</code>';
  const UPDATED = 'The pipeline was updated. [Execution in the console]';

  test.each([
    ['nothing', none, ''],
    ['a commit without its repository', { ...none, commit: HASH }, ' from commit 1234567'],
    ['a branch', { ...none, ref: 'refs/heads/a_b' }, ' (refs/heads/a&#95;b)'],
    [
      'a repository',
      { ...none, commit: HASH, repository },
      ` from commit [1234567](${repository}/commit/${HASH}) of [org/models](${repository})`,
    ],
    [
      'a run',
      { ...none, runUrl: `${repository}/actions/runs/1` },
      ` by [this workflow run](${repository}/actions/runs/1)`,
    ],
    ['an address that is not https', { ...none, repository: 'http://h/org/models' }, ' of org/models'],
    ['a script for an address', { ...none, runUrl: 'javascript:alert(1)' }, ' by this workflow run'],
    ['an address with a password', { ...none, repository: 'https://a:b@h/org/models' }, ' of org/models'],
    [
      'a commit that is none',
      { ...none, commit: 'x](y)', repository },
      ` from commit x&#93;(y) of [org/models](${repository})`,
    ],
  ])('tells of %s', async (_what, provenance, expected) => {
    const told = await lead({ origin: { provenance, releaseTag: undefined, actor: undefined } });
    expect(told?.startsWith(`${MODEL} was deployed${expected}. ${UPDATED}`)).toBe(true);
  });

  test.each<[Status, string]>([
    ['reused', ' is registered already; it was asked for from commit '],
    ['started', ' is being deployed from commit '],
    ['planned', ' would be deployed from commit '],
    ['failed', ' was to be deployed from commit '],
  ])('of a run that is %s says what became of the model', async (status, expected) => {
    expect((await lead({ status }))?.startsWith(`${MODEL}${expected}`)).toBe(true);
  });

  test('leads to the release, whatever its tag holds', async () => {
    const origin = { provenance: { ...none, repository }, releaseTag: 'v1/(a) b', actor: 'o_c' };
    expect(await lead({ origin })).toContain(
      `of [org/models](${repository}) (release [v1/(a) b](${repository}/releases/tag/v1%2F%28a%29%20b)) of o&#95;c.`,
    );
  });
});

test('the plan mode shows what would change', async () => {
  const comparison = { change: 'none', diff: [], uploads: [], registrations: [], jobs: [], problems: [] } as const;
  expect(summaryOf({ ...(await succeeded()), status: 'planned', comparison })).toContain('### What would change');
});

describe('the table of regions', () => {
  const table = async (change: Partial<RegisteredPackage>) => {
    const result = await succeeded();
    const [first] = result.packages;
    if (first === undefined) throw new Error('the sample has packages');
    return summaryOf({ ...result, packages: [{ ...first, ...change }] })
      .split('\n')
      .find((line) => line.startsWith('| NA'));
  };

  test('says what an inventory of a team claims, and links to no registry', async () => {
    expect(await table({ confirmed: false, version: 0, group: 'mims' })).toBe(
      '| NA (us-east-1) | mims | PendingManualApproval, not confirmed by the registry | now |',
    );
  });

  test('says what was registered earlier', async () => {
    const url = 'https://us-east-1.console.aws.amazon.com/sagemaker/home?region=us-east-1#/model-packages/g/13';
    expect(await table({ reused: true, approval: 'Approved', group: 'g' })).toBe(
      `| NA (us-east-1) | [g version 13](${url}) | Approved | earlier |`,
    );
  });
});
