import { afterEach, describe, expect, test } from '@jest/globals';
import { answersOf } from '../../conformance/answers.ts';
import { PROBES } from '../../conformance/probes/index.ts';
import { exitCodeOf } from '../../conformance/conformance.ts';
import { ask, embeddedAws, findings, optionsFor } from './support.ts';
import { accepts, openSwitchboard, refuses, type Switch, type Switchboard, xml } from './switchboard.ts';

/** What AWS refuses and the embedded AWS does not refuse yet. */
const NOT_YET = ['archived-object', 'job-reads-archived-object', 'volume-key-on-local-storage'];

describe('against the embedded AWS', () => {
  const aws = embeddedAws();
  let board: Switchboard | undefined;
  afterEach(async () => {
    await board?.close();
    board = undefined;
  });

  test('nothing is contradicted, and every probe runs', async () => {
    const options = optionsFor({ allowed: ['jobs', 'regional-bucket', 'kms-key'] });
    const ending = await ask(aws().url, options);
    expect(findings(ending)).toEqual(NOT_YET.length === 0 ? {} : { contradicted: NOT_YET });
    expect(exitCodeOf(ending.results)).toBe(NOT_YET.length === 0 ? 0 : 1);
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

  const switched: Readonly<Record<string, Switch>> = {
    'definition-for-execution': {
      operation: 'DescribePipelineDefinitionForExecution',
      answer: accepts({ PipelineDefinition: '{"Version": "2020-12-01"}' }),
    },
    'list-versions': { operation: 'ListPipelineVersions', answer: accepts({ PipelineVersionSummaries: [] }) },
    'missing-log-stream': { operation: 'GetLogEvents', answer: refuses('ValidationException') },
    'copy-with-condition': {
      operation: 'COPY',
      when: ({ path }) => path.includes('copy-target'),
      answer: xml('<CopyObjectResult><ETag>"1"</ETag></CopyObjectResult>'),
    },
    'existing-group': {
      operation: 'CreateModelPackageGroup',
      when: ({ body }) => body.includes('existing-group'),
      answer: accepts({ ModelPackageGroupArn: 'arn:aws:sagemaker:us-east-1:123456789012:model-package-group/g' }),
    },
  };
  test.each(Object.keys(switched))('with one switched answer exactly %s is found', async (id) => {
    const one = switched[id];
    board = await openSwitchboard(aws().url, one === undefined ? [] : [one]);
    const found = findings(await ask(board.url, optionsFor()));
    const others = NOT_YET.filter((other) => (PROBES.find((probe) => probe.id === other)?.needs ?? []).length === 0);
    expect(new Set(found['contradicted'])).toEqual(new Set([...others, id]));
    expect(found['failed']).toBeUndefined();
  });
});
