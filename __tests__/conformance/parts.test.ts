import { describe, expect, test } from '@jest/globals';
import { anonymizer } from '../../conformance/anonymize.ts';
import { answersOf, disagreements } from '../../conformance/answers.ts';
import { readCommandLine } from '../../conformance/cli.ts';
import { exitCodeOf } from '../../conformance/conformance.ts';
import { costOf } from '../../conformance/cost.ts';
import { PROBES } from '../../conformance/probes/index.ts';
import { renderReport } from '../../conformance/report.ts';
import type { Result } from '../../conformance/run.ts';
import { optionsFor } from './support.ts';

const ROLE = 'arn:aws:iam::123456789012:role/pipelines';
const ids = PROBES.map(({ id }) => id);
const read = (...args: string[]) => readCommandLine(args, ids);
const good = ['--bucket', 'test-bucket', '--role', ROLE];

describe('the command line', () => {
  const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'a bucket that looks like production',
      ['--bucket', 'models-prod', '--role', ROLE],
      /models-prod looks like production/,
    ],
    ['a regional one', [...good, '--regional-bucket', 'EU=live-models'], /live-models looks like production/],
    ['a name that looks like production', [...good, '--name', 'production'], /--name production looks like/],
    ['a folder that looks like production', [...good, '--prefix', 'MODS/'], /--prefix MODS\/ looks like/],
    ['the folder of releases', [...good, '--prefix', 'releases/'], /looks like production/],
    ['a folder that does not end in a slash', [...good, '--prefix', 'test'], /ends in a slash/],
    ['no bucket', ['--role', ROLE], /--bucket is missing/],
    ['a role that is no ARN', ['--bucket', 'b', '--role', 'pipelines'], /--role is pipelines; expected arn:aws:iam/],
    ['a region that is none', [...good, '--regional-bucket', 'XX=b'], /expected EU=bucket or FE=bucket/],
    ['a probe that is none', [...good, '--only', 'no-such'], /--only names no-such/],
    ['the name of something else to clean', ['--bucket', 'b', '--clean', 'my-pipeline'], /expected the name of a run/],
    ['the name of production to clean', ['--bucket', 'b', '--clean', 'prod-1a2b3c4d'], /expected the name of a run/],
  ];
  test.each(refused)('refuses %s', (_what, args, message) => {
    expect(() => read(...args)).toThrow(message);
  });

  const taken: readonly (readonly [string, readonly string[]])[] = [
    ['a bucket with a harmless name', good],
    ['words that only hold such a word', ['--bucket', 'products-delivery-test', '--role', ROLE]],
    ['a regional bucket by code', [...good, '--regional-bucket', 'EU=there']],
    ['one by the name of its region', [...good, '--regional-bucket', 'us-west-2=there']],
  ];
  test.each(taken)('takes %s', (_what, args) => {
    expect(read(...args).options.run).toMatch(/^bsm-conformance-[0-9a-f]{8}$/);
  });

  test('tells all that is wrong at once', () => {
    expect(() => read('--only', 'no-such')).toThrow(/--bucket[^]*--role[^]*no-such/);
  });

  test('gives every run a name of its own', () => {
    expect(read(...good).options.run).not.toBe(read(...good).options.run);
  });
});

describe('answers that are left', () => {
  const anonymize = anonymizer({ 'my-run-1a2b3c4d': 'run', 'my-bucket': 'bucket' });
  const rows: readonly (readonly [string, string, string])[] = [
    ['account ids', 'in account 123456789012.', 'in account <account>.'],
    ['ARNs', 'User: arn:aws:sts::123456789012:assumed-role/a/b is not', 'User: <arn> is not'],
    ['an ARN at the end of a sentence', 'no arn:aws:s3:::bucket/key.', 'no <arn>.'],
    ['ARNs of China', 'arn:aws-cn:iam::123456789012:role/x', '<arn>'],
    ['times', 'at 2026-11-26T03:00:00.123Z', 'at <time>'],
    ['seconds since 1970', 'since 1795662000 and 1795662000123', 'since <time> and <time>'],
    ['dates in words', 'on Thu Nov 26 03:19:26 UTC 2026', 'on <time>'],
    ['request ids', 'id 0f8fad5b-d9cb-469f-a165-70867728950e', 'id <id>'],
    ['the run', 'pipeline my-run-1a2b3c4d-first', 'pipeline <run>-first'],
    ['the bucket', 's3://my-bucket/key', 's3://<bucket>/key'],
    ['names that pipelines give', 'pipelines-abcdefghijkl-Step-0123456789', 'pipelines-<id>-Step-0123456789'],
  ];
  test.each(rows)('name no %s', (_what, text, wanted) => {
    expect(anonymize({ deep: [{ said: text }] })).toEqual({ deep: [{ said: wanted }] });
  });

  test('name neither bucket nor folder of the caller', () => {
    const options = { ...optionsFor(), keyPrefix: 'team-secret/tests/' };
    const said = `nothing at s3://${options.bucket}/${options.keyPrefix}${options.run}/model.tar.gz`;
    const result = { probe: PROBES[0], state: 'asked', answer: { said }, verdict: 'holds' } as Result;
    expect(Object.values(answersOf([result], options))).toEqual([
      { said: 'nothing at s3://<bucket>/<run>/model.tar.gz' },
    ]);
  });

  test('keep limits, versions and statuses', () => {
    const answer = { limit: 'length less than or equal to 1048576', version: 2, code: '412 PreconditionFailed' };
    expect(anonymize(answer)).toEqual(answer);
  });

  test('are compared without what was said, and without what one side does not offer', () => {
    const recorded = { a: { x: 1, said: 'so' }, b: { notOffered: true }, c: { x: [1, 2] }, d: { x: 1 } };
    const found = { a: { x: 1, said: 'otherwise' }, b: { x: 1 }, c: { x: [2, 1] } };
    expect(disagreements(recorded, found)).toEqual([{ probe: 'c', member: 'x', recorded: [1, 2], found: [2, 1] }]);
  });
});

describe('the report', () => {
  const [first, second, third] = PROBES;
  const results = [
    { probe: first, state: 'asked', answer: { verbatim: true }, verdict: 'holds' },
    {
      probe: second,
      state: 'asked',
      answer: { null: 'ValidationException', said: { null: 'In arn:aws:x:y | <b>`no`</b>' } },
      verdict: 'contradicted',
    },
    { probe: third, state: 'failed', reason: 'connect ECONNREFUSED' },
  ] as readonly Result[];
  const report = renderReport({
    options: optionsFor(),
    results,
    removal: { removed: [], left: [{ what: 'model m', why: 'not allowed' }] },
    links: [{ what: 'A group', url: 'https://console' }],
    interrupted: false,
  });

  test('begins with what is contradicted, and tells all of each question', () => {
    const full = report.slice(report.indexOf('## In full'));
    expect(full.indexOf(`### ${second?.id}`)).toBeLessThan(full.indexOf(`### ${first?.id}`));
    for (const told of [second?.question, second?.matters, second?.assumed, '**Verdict:** contradicted']) {
      expect(full).toContain(told);
    }
  });

  test('says why an answer decides nothing, and each answer without JSON', () => {
    const probe = PROBES.find(({ undecided }) => undecided !== undefined);
    const undecided = [{ probe, state: 'asked', answer: { container: false, found: [] }, verdict: 'unknown' }];
    const removal = { removed: [], left: [] };
    const rest = { options: optionsFor(), removal, links: [], interrupted: false };
    const text = renderReport({ ...rest, results: undecided as unknown as readonly Result[] });
    expect(text).toContain(`**Verdict:** unknown: ${probe?.undecided}`);
    expect(text).toContain('**Answered:** container: `no`; found: `none`');
  });

  test('lists what could not be removed, and the pages to be looked at', () => {
    expect(report).toContain('* `model m`: `not allowed`');
    expect(report).toContain('* A group: <https://console>');
  });

  test('lets nothing that AWS said be Markdown, or name an account', () => {
    expect(report).toContain('> In ‹arn› \\| ‹b›`no`‹/b›'.replaceAll('`', "'"));
  });

  test('is green only where every probe ran and nothing is contradicted', () => {
    expect(exitCodeOf(results)).toBe(1);
    expect(exitCodeOf(results.slice(0, 1))).toBe(0);
    expect(exitCodeOf(results.slice(2))).toBe(2);
  });

  test('names in answers.json only what was answered', () => {
    expect(Object.keys(answersOf(results, optionsFor()))).toEqual([first?.id, second?.id]);
  });
});

describe('the cost', () => {
  test('counts a job once that several probes look at', () => {
    const options = optionsFor({ allowed: ['jobs'] });
    const image = PROBES.filter(({ aboutImage }) => aboutImage === true);
    expect(costOf(image, options).lines.join('\n')).toContain('1 processing job of');
  });

  test('is next to nothing without flags', () => {
    expect(costOf(PROBES, optionsFor()).usd).toBeLessThanOrEqual(0.01);
  });
});
