import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { answersOf, disagreements } from '../../conformance/answers.ts';
import { exitCodeOf } from '../../conformance/conformance.ts';
import type { Need } from '../../conformance/options.ts';
import { PROBES } from '../../conformance/probes/index.ts';
import { ANSWER_TABLE, type Answers } from '../../embedded-aws/answers.ts';
import { ask, embeddedAws, findings, optionsFor } from './support.ts';

jest.setTimeout(300_000);

/** Answers of the embedded AWS, switched, and the probes that must find each: these, and no others. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  's3-conditional-put=ignored': [
    'conditional-put',
    'parallel-conditional-puts',
    'conditional-upload',
    'copy-with-condition',
  ],
  's3-conditional-put-kms=ignored': ['conditional-put-kms'],
  's3-bucket-owner=ignored': ['wrong-owner'],
  's3-archived=read': ['archived-object'],
  'pipeline-definition=reformatted': ['definition-verbatim'],
  'null-members=refused': ['experiment-config-null'],
  'metadata-parameters=refused': ['parameter-in-metadata'],
  'update-version=untold': ['version-of-update'],
  'execution-version=untold': ['execution-version', 'start-new-pipeline-by-version'],
  'start-version=ignored': ['execution-version'],
  'request-token=ignored': ['create-pipeline-token', 'start-token', 'package-token'],
  'success-status=CompletedWithFailures': ['status-of-success'],
  'success-status=Unheard': ['status-of-success'],
  'failure-status=Unheard': ['status-of-failure'],
  'selective-source=refused': [
    'selective-step-new-to-source',
    'selective-source-of-other-version',
    'selective-source-selective-itself',
    'selective-after-failure',
  ],
  'selective-new-step=refused': ['selective-step-new-to-source'],
  // A step that is new makes another version, too.
  'selective-other-version=refused': ['selective-step-new-to-source', 'selective-source-of-other-version'],
  'selective-of-selective=refused': ['selective-source-selective-itself'],
  'already-exists=conflict': ['existing-pipeline', 'existing-group'],
  'register-group=made': ['group-made-by-step'],
  'metadata-update=replace': ['metadata-merge'],
};

/** The same, where only a job can tell. */
const FOUND_BY_JOBS: Readonly<Record<string, readonly string[]>> = {
  's3-archived=read': ['archived-object', 'job-reads-archived-object'],
  'cache-environment=ignored': ['cache-environment-changed'],
  'cache-inputs=by-content': ['cache-input-replaced'],
  'exit-message=untold': ['exit-message'],
  'local-storage=unchecked': ['volume-key-on-local-storage'],
  'selective-of-stopped=taken': ['selective-source-stopped'],
};

/** Forms that our code survives: nothing is contradicted, and what is recorded differs all the same. */
const SURVIVED: Readonly<Record<string, readonly string[]>> = {
  'cache-hit=absent': ['step-without-cache-hit'],
  'execution-definition=reformatted': ['definition-for-execution'],
  'inline-definition=100-kib': ['definition-size'],
  'failure-status=CompletedWithFailures': ['status-of-failure'],
  'recommendation-package=undescribed': ['recommendation-demands'],
  'arn-names=kept': ['model-arn-case', 'package-arn', 'job-arn-case'],
};

/** Forms that no answer of a probe shows, and why. */
const UNSEEN: Readonly<Record<string, string>> = {
  's3-kms-etag=md5': 'an ETag is used as it is, whatever it is made of',
  's3-bucket-policy=conditional-writes': 'asked with --bucket-policy, of a bucket of its own',
  'describe-names=exact': 'matters with names in lower case only, which the standard form does not have',
  'job-region=absent': 'what an image holds is told by a container',
  'group-not-found=cannot-find': 'both wordings are looked for',
  'package-not-found=cannot-find': 'both wordings are looked for',
  // What becomes of a load test is not waited for: each is stopped at once.
  ...Object.fromEntries(
    ['no-ping', 'quota', 'no-capacity', 'instance-type', 'no-permission'].map((one) => [
      `recommendation=${one}`,
      'stopped at once',
    ]),
  ),
  'pages=endless': 'a fault of a server, not a form of AWS',
};

const EVERYTHING_HERE: readonly Need[] = ['jobs', 'regional-bucket', 'kms-key', 'load-test'];

const switched = (row: string): Answers => Object.fromEntries([row.split('=')]) as Answers;

describe('against the embedded AWS', () => {
  const aws = embeddedAws();
  afterEach(() => aws().setAnswers({}));

  test('nothing is contradicted, every probe runs, and nothing is left', async () => {
    const ending = await ask(aws().url, optionsFor({ allowed: EVERYTHING_HERE }));
    expect(findings(ending)).toEqual({});
    expect(exitCodeOf(ending.results)).toBe(0);
    const removed = ending.removal.removed.join('\n');
    expect(removed).toMatch(/^pipeline [^]*^job [^]*^log streams of job /m);
    expect({ left: ending.removal.left, remains: aws().remains() }).toEqual({ left: [], remains: [] });
  });

  test('without a flag at least 25 probes are answered, and none starts a job', async () => {
    const options = optionsFor();
    const before = aws().requests().length;
    const answers = answersOf((await ask(aws().url, options)).results, options);
    expect(Object.keys(answers).length).toBeGreaterThanOrEqual(25);
    const started = PROBES.filter(({ id, jobs = [] }) => id in answers && jobs.length > 0);
    expect(started).toEqual([]);
    const asked = aws().requests().slice(before);
    expect(asked.filter(({ operation }) => operation === 'CreateProcessingJob')).toEqual([]);
    expect(JSON.stringify(answers)).not.toMatch(/\d{12}|arn:|test-run-[0-9a-f]{8}|conformance-here/);
  });

  test.each(Object.entries(FOUND))('with %s it finds exactly %j', async (row, ids) => {
    aws().setAnswers(switched(row));
    const found = findings(await ask(aws().url, optionsFor()));
    expect({ ...found, contradicted: [...(found['contradicted'] ?? [])].sort() }).toEqual({
      contradicted: [...ids].sort(),
    });
  });

  test.each(Object.entries(FOUND_BY_JOBS))('with %s and jobs it finds %j', async (row, ids) => {
    aws().setAnswers(switched(row));
    const found = findings(await ask(aws().url, optionsFor({ only: ids, allowed: EVERYTHING_HERE })));
    expect(found).toEqual({ contradicted: ids });
  });

  test.each(Object.entries(SURVIVED))(
    'with %s nothing is contradicted, and a recorded answer would differ: %j',
    async (row, only) => {
      const options = optionsFor({ only, allowed: EVERYTHING_HERE });
      const standard = answersOf((await ask(aws().url, options)).results, options);
      aws().setAnswers(switched(row));
      const ending = await ask(aws().url, { ...options, run: `${options.run}-again` });
      expect(findings(ending)).toEqual({});
      const other = answersOf(ending.results, options);
      expect([...new Set(disagreements(other, standard).map(({ probe }) => probe))]).toEqual(only);
    },
  );

  test('every form that its answers can have is accounted for', () => {
    const forms = Object.entries(ANSWER_TABLE).flatMap(([name, values]) =>
      values.slice(1).map((one) => `${name}=${one}`),
    );
    const known = new Set([FOUND, FOUND_BY_JOBS, SURVIVED, UNSEEN].flatMap((table) => Object.keys(table)));
    expect(forms.filter((form) => !known.has(form))).toEqual([]);
  });
});
