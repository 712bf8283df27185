import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openWorld, type World } from './world.ts';

const NA = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/bsm-team-bsm-rnr-na/1';
const EU = 'arn:aws:sagemaker:eu-west-1:123456789012:model-package/bsm-team-bsm-rnr-na/1';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const packagesOf = (run: { readonly outputs: Readonly<Record<string, string>> }): unknown =>
  JSON.parse(run.outputs['model-package-arns'] ?? 'null');

const DENIED = { operation: 'UpdateModelPackage', call: 'every', fault: 'access-denied' } as const;

describe('a package that the registry has confirmed stands in the outputs, whatever happens afterwards', () => {
  test('its approval is denied', async () => {
    await world.deploy();
    world.aws.setFaults([DENIED]);
    const run = await world.deploy({ 'approval-status': 'Approved' });
    expect(run.exitCode).toBe(1);
    expect(packagesOf(run)).toEqual({ NA });
    expect(run.outputs).toMatchObject({ status: 'failed', 'model-package-arn': NA });
    expect(run.summary).toContain(NA);
  });

  test('its approval is denied while another region is still to be registered', async () => {
    await world.aws.store.createBucket('sagemaker-eu-west-1-123456789012', 'eu-west-1');
    await world.deploy();
    world.aws.setFaults([DENIED]);
    const run = await world.deploy({ 'approval-status': 'Approved', regions: 'NA, EU' });
    expect([run.exitCode, packagesOf(run)]).toEqual([1, { NA }]);
  });

  test('another region holds the same model and was rejected', async () => {
    await world.aws.store.createBucket('sagemaker-eu-west-1-123456789012', 'eu-west-1');
    await world.deploy();
    await world.deploy({ regions: 'NA, EU' });
    await world.deploy({ regions: 'EU', 'approval-status': 'Rejected' });
    const run = await world.deploy({ regions: 'NA, EU', 'approval-status': 'Approved' });
    expect([run.exitCode, packagesOf(run)]).toEqual([1, { NA, EU }]);
    expect(run.stdout).toContain('registered-rejected');
  });
});

test('post deploys nothing where the state could not be saved', async () => {
  const run = await world.deploy({ 'if-registered': 'again' }, { env: { GITHUB_STATE: world.workspace } });
  expect([run.exitCode, run.post?.exitCode, run.post?.stdout]).toEqual([0, 0, '']);
  expect(packagesOf(run)).toEqual({ NA });
  expect(world.operations().filter((name) => name === 'StartPipelineExecution')).toHaveLength(1);
});
