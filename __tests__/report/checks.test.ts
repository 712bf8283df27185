import { expect, test } from '@jest/globals';
import type { Check } from '../../src/preflight/index.ts';
import { reportChecks } from '../../src/report/index.ts';

const CHECKS: readonly Check[] = [
  { name: 'credentials', result: 'passed', found: 'account 111122223333' },
  { name: 'model', result: 'failed', found: 'It is not there.', cost: 'the job fails', fix: 'Upload it.' },
  { name: 'images', result: 'not-made', found: 'ecr:DescribeImages is denied.', fix: 'Allow it.' },
  { name: 'disk', result: 'suggestion', found: '30 GB for 1 MB.', fix: 'Ask for less.' },
  { name: 'regional-buckets', result: 'warning', found: 'Not there.', cost: 'the region fails', fix: 'Create it.' },
];

test('every check stands in a group of the log, with its cost and fix; those of a warning in its annotation, behind it', () => {
  const told: string[] = [];
  reportChecks(CHECKS, {
    info: (text) => void told.push(text),
    group: (title, print) => {
      told.push(`::group::${title}`);
      print();
      told.push('::endgroup::');
    },
    annotate: (severity, { title, message }) => void told.push(`::${severity} ${title}::${message}`),
  });
  expect(told).toEqual([
    '::group::Preflight: 2 of 5 passed, 1 failed, 1 with a warning, 1 not made, 1 with a suggestion',
    'passed       credentials      account 111122223333',
    'failed       model            It is not there.',
    '                              Without this check: the job fails.',
    '                              Upload it.',
    'not made     images           ecr:DescribeImages is denied.',
    '                              Allow it.',
    'suggestion   disk             30 GB for 1 MB.',
    '                              Ask for less.',
    'warning      regional-buckets Not there.',
    '::endgroup::',
    '::warning Preflight: regional-buckets::Not there. Without this check: the region fails. Create it.',
  ]);
});
