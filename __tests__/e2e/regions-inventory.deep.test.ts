import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../harness/run-action.ts';
import { BUCKET, openWorld, testPython, type World } from './world.ts';

// The example's script needs boto3; without it these tests say so and pass over.
const hasBoto3 = spawnSync(testPython(), ['-c', 'import boto3']).status === 0;
if (!hasBoto3) console.warn('SKIPPED: boto3 is not installed for the registration jobs.');
const suite = hasBoto3 ? describe : describe.skip;

let world: World;
beforeEach(async () => {
  world = await openWorld();
  for (const name of ['bsm', 'custom-registry']) {
    cpSync(join(ROOT, 'examples', name), join(world.workspace, name), { recursive: true });
  }
});
afterEach(() => world.close());

const answered = (code: string) => expect.stringMatching(`^inventory:${code}:bsm-team-BSM-RnR-NA:[0-9a-f]{64}$`);

suite("a team's own registration", () => {
  test('replaces the built-in one in every region, is taken as it is and marked as not confirmed', async () => {
    const run = await world.deploy({ regions: 'NA, EU FE', 'working-directory': 'custom-registry' });
    const arns: unknown = JSON.parse(run.outputs['model-package-arns'] ?? 'null');
    expect([run.exitCode, arns]).toEqual([0, { NA: answered('NA'), EU: answered('EU'), FE: answered('FE') }]);
    expect(run.stdout).toContain('not confirmed');
    expect(world.operations().filter((name) => name.endsWith('CreateModelPackage'))).toEqual([]);
    const entries = world.aws.store.list(BUCKET, '').filter(({ key }) => key.includes('/inventory/'));
    const regions = entries.map(({ bodyPath }) => JSON.parse(readFileSync(bodyPath, 'utf8')) as { region: string });
    expect(regions.map(({ region }) => region).sort()).toEqual(['EU', 'FE', 'NA']);
  });

  test('is not run again for the same release', async () => {
    const first = await world.deploy({ regions: 'NA EU', 'working-directory': 'custom-registry' });
    const second = await world.deploy({ regions: 'NA EU', 'working-directory': 'custom-registry' });
    expect([second.outputs['status'], second.outputs['model-package-arns']]).toEqual([
      'reused',
      first.outputs['model-package-arns'],
    ]);
  });
});
