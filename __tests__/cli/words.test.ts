import { describe, expect, test } from '@jest/globals';
import { inFlags } from '../../src/cli/flags.ts';

describe('in a terminal', () => {
  test.each([
    ['There is no object x (input model-s3-path).', 'There is no object x (--model-s3-path).'],
    ['Input regions names "XX".', '--regions names "XX".'],
    ['Name it by the input `pipeline-role-arn`.', 'Name it by --pipeline-role-arn.'],
    ['register it with if-registered: again.', 'register it with --if-registered again.'],
    ['A path from working-directory, or s3://a/b.', 'A path from --working-directory, or s3://a/b.'],
    ['With mode: rehearse it is one.', 'With rehearse it is one.'],
    ['Running this job again follows it.', 'Running again follows it.'],
  ])('%j', (text, expected) => {
    expect(inFlags(text)).toBe(expected);
    expect(inFlags(expected)).toBe(expected);
  });

  test.each([
    'deploy/config-path/regions: NA',
    'arn:aws:iam::123456789012:role/execution-document',
    'The regions: NA and EU.',
    'https://example.org/on-cancel',
  ])('%j stays as it is', (text) => {
    expect(inFlags(text)).toBe(text);
  });
});
