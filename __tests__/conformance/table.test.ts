import { describe, expect, test } from '@jest/globals';
import { PROBES } from '../../conformance/probes/index.ts';
import { readText } from '../policies/documents.ts';
import { EVERYTHING, SWITCHES } from './switches.ts';

const headings = (path: string, level: string) =>
  readText(path)
    .split('\n')
    .filter((line) => line.startsWith(`${level} `))
    .map((line) => line.slice(level.length + 1));

const answers = headings('docs/aws-answers.md', '###');
const sections = headings('docs/design.md', '##').map((line) => line.split('.')[0]);

describe('the table of probes', () => {
  test('names each probe once', () => {
    const ids = PROBES.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test('has at least 25 probes that start no job and need no flag', () => {
    expect(
      PROBES.filter(({ needs = [], jobs = [] }) => needs.length + jobs.length === 0).length,
    ).toBeGreaterThanOrEqual(25);
  });

  test.each(PROBES)('$id says where its assumption stands', ({ source }) => {
    const [kind = '', place = ''] = source.split(': ');
    expect({ answers, design: sections }[kind]).toContain(place);
  });

  test.each(PROBES)('$id has a switched answer that turns it red', ({ id }) => {
    expect(SWITCHES[id]?.length).toBeGreaterThan(0);
  });

  test('has a flag for everything that probes need', () => {
    const needs = new Set(PROBES.flatMap(({ needs: all = [] }) => all));
    expect([...needs].sort()).toEqual([...EVERYTHING].sort());
  });
});

describe('docs/aws-answers.md', () => {
  const text = readText('docs/aws-answers.md');
  const listed = (heading: string) => {
    const entry = text.split(`### ${heading}\n`)[1]?.split('\n### ')[0] ?? '';
    return [...(entry.split('Probes: ')[1] ?? '').matchAll(/`([\w-]+)`/g)].map(([, id = '']) => id);
  };

  test.each(answers)('%s is asked by the probes that it lists', (heading) => {
    const from = PROBES.filter(({ source }) => source === `answers: ${heading}`).map(({ id }) => id);
    expect(listed(heading).sort()).toEqual(from.sort());
    expect(from.length).toBeGreaterThan(0);
  });
});

describe('docs/policies/conformance.json', () => {
  const { Statement } = JSON.parse(readText('docs/policies/conformance.json')) as {
    Statement: readonly { Action: string | readonly string[] }[];
  };
  const allowed = Statement.flatMap(({ Action }) => Action);
  /** The actions that IAM checks for operations of another name. */
  const actions: Readonly<Record<string, readonly string[]>> = {
    's3:HeadObject': ['s3:GetObject'],
    's3:HeadBucket': ['s3:ListBucket'],
    's3:CopyObject': ['s3:GetObject', 's3:PutObject'],
    's3:UploadPartCopy': ['s3:GetObject', 's3:PutObject'],
    's3:CreateMultipartUpload': ['s3:PutObject'],
    's3:UploadPart': ['s3:PutObject'],
    's3:CompleteMultipartUpload': ['s3:PutObject'],
    's3:PutBucketPolicy': [],
    'sts:AssumeRole': [],
  };
  const calls = [...new Set(PROBES.flatMap((probe) => probe.calls))];
  test.each(calls)('allows %s, or the page says which flag needs more', (call) => {
    expect(allowed).toEqual(expect.arrayContaining([...(actions[call] ?? [call])]));
  });

  test('allows nothing but what is named', () => {
    expect(allowed.filter((action) => action.includes('*'))).toEqual([]);
  });
});
