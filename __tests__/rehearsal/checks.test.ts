import { describe, expect, test } from '@jest/globals';
import type { RegionCode } from '../../src/core/regions.ts';
import { readInputs } from '../../src/inputs/index.ts';
import { rehearsalBuckets } from '../../src/rehearsal/resources.ts';
import { type Python, runnerChecks } from '../../src/rehearsal/runner-checks.ts';
import { exampleConfig, REQUEST } from '../plan/fixture.ts';

const WHOLE: Python = { path: '/usr/bin/python3', version: '3.10', hasBoto3: true, hasTorch: true };

type Row = readonly [
  situation: string,
  python: Partial<Python> | undefined,
  regions: readonly RegionCode[],
  config: Parameters<typeof exampleConfig>[0],
  expected: readonly string[],
];

const sandbox = { isolated: true };

describe('the runner of a rehearsal', () => {
  test.each<Row>([
    ['has all that is needed', {}, ['NA', 'EU'], {}, ['passed', 'passed']],
    ['has no Python', undefined, ['NA'], {}, ['failed']],
    ['has another Python', { version: '3.12' }, ['NA'], {}, ['passed', 'suggestion']],
    ['has no boto3, and needs none', { hasBoto3: false }, ['NA'], {}, ['passed', 'passed']],
    ['has no boto3 for a registration job', { hasBoto3: false }, ['NA', 'FE'], {}, ['passed', 'passed', 'failed']],
    ['has another PyTorch', { torch: '2.13.0+cpu' }, ['NA'], {}, ['passed', 'passed', 'suggestion']],
    ['has the same PyTorch, built for CPUs', { torch: '2.1.0+cpu' }, ['NA'], {}, ['passed', 'passed']],
    [
      'has the same PyTorch, written in short',
      { torch: '2.1.0' },
      ['NA'],
      { base: { framework_version: '2.1' } },
      ['passed', 'passed'],
    ],
    [
      'has another Python and PyTorch, and an image of its own',
      { torch: '2.13.0', version: '3.13' },
      ['NA'],
      { model: { inference_image: '210987654321.dkr.ecr.{region}.amazonaws.com/torch:1' } },
      ['passed', 'passed'],
    ],
    ['has no PyTorch', { hasTorch: false }, ['NA'], {}, ['passed', 'passed', 'warning']],
    [
      'has no PyTorch, and need not verify',
      { hasTorch: false },
      ['NA'],
      { package: { verify: false } },
      ['passed', 'passed'],
    ],
  ])('%s', (_situation, python, regions, more, expected) => {
    const found = python === undefined ? undefined : { ...WHOLE, ...python };
    const checks = runnerChecks(
      { python: found, sandbox },
      { config: exampleConfig(more), request: { ...REQUEST, regions } },
    );
    expect(checks.map(({ result }) => result)).toEqual(expected);
    expect(checks.filter(({ result, fix }) => result !== 'passed' && fix === undefined)).toEqual([]);
  });
});

test('a runner that cannot hide processes is warned of', () => {
  const asked = { config: exampleConfig(), request: REQUEST };
  const [first] = runnerChecks({ python: WHOLE, sandbox: { isolated: false } }, asked);
  expect([first?.result, first?.found]).toEqual(['warning', expect.stringContaining('does not let us hide')]);
});

describe('the buckets of a rehearsal', () => {
  test('are all that the run uses, each in its region', () => {
    const config = exampleConfig({
      base: { pipeline_s3_loc: 's3://artifacts/x', regional_buckets: { FE: 'west' }, source_dir: 's3://sources/code' },
    });
    const values: Record<string, string> = { 'config-path': 'c.json', 'model-s3-path': 'm.tar.gz', mode: 'rehearse' };
    const inputs = readInputs((name) => values[name] ?? '');
    const request = { ...REQUEST, regions: ['NA', 'EU', 'FE'] as const };
    expect(Object.fromEntries(rehearsalBuckets({ config, inputs, request }, '123456789012'))).toEqual({
      'bsm-models-123456789012': 'us-east-1',
      'bsm-rehearsal': 'us-east-1',
      artifacts: 'us-east-1',
      sources: 'us-east-1',
      'sagemaker-eu-west-1-123456789012': 'eu-west-1',
      west: 'us-west-2',
    });
  });
});
