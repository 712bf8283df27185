import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GROUP, openRegistry, OURS, type RegistryWorld } from './registry.ts';

let registry: RegistryWorld;
beforeEach(async () => {
  registry = await openRegistry();
});
afterEach(() => registry.close());

describe('all regions or none', () => {
  test('a region that refuses sets the others back', async () => {
    const packages = [await registry.register('NA'), await registry.register('EU')];
    registry.world.aws.setFaults([{ operation: 'UpdateModelPackage', call: 2, fault: 'access-denied' }]);
    const run = await registry.approve(packages.join('\n'));
    expect([run.status, run.errors[0]?.title]).toEqual(['failed', 'access-denied']);
    expect(run.errors[0]?.message).toContain(`Set back to what it was: ${GROUP} version 1 (NA).`);
    expect(await registry.statuses(...packages)).toEqual(['PendingManualApproval', 'PendingManualApproval']);
    expect(run.summary).toContain('PendingManualApproval: not set');
  });

  test('what cannot be set back is said exactly', async () => {
    const packages = [await registry.register('NA'), await registry.register('EU')];
    registry.world.aws.setFaults([
      { operation: 'UpdateModelPackage', call: 2, fault: 'access-denied' },
      { operation: 'UpdateModelPackage', call: 3, fault: 'access-denied' },
    ]);
    const run = await registry.approve(packages.join('\n'));
    expect([run.status, run.errors[0]?.title]).toEqual(['failed', 'approval-incomplete']);
    expect(run.errors[0]?.message).toContain(
      `could not be set back: ${GROUP} version 1 (NA) is Approved, and was PendingManualApproval.`,
    );
    expect(run.summary).toContain('**Approved**, set now');
    registry.world.aws.setFaults([]);
    expect((await registry.approve(packages.join('\n'))).status).toBe('approved');
  });
});

describe('reject-newer', () => {
  const rollBack = (arn: string, more = {}) => registry.approve(arn, { 'reject-newer': 'true', ...more });

  test('rejects the approved versions that are newer, and no others', async () => {
    const [old, good, pending, bad] = [
      await registry.register('NA', OURS, 'Approved'),
      await registry.register('NA', OURS, 'Approved'),
      await registry.register('NA'),
      await registry.register('NA', OURS, 'Approved'),
    ];
    const run = await rollBack(good, { 'approval-description': 'v4 answers nonsense' });
    expect(run.status).toBe('approved');
    expect(await registry.statuses(old, good, pending, bad)).toEqual([
      'Approved',
      'Approved',
      'PendingManualApproval',
      'Rejected',
    ]);
    expect((await registry.describe(bad)).ApprovalDescription).toContain('v4 answers nonsense');
    expect(run.outputs['model-package-arn']).toBe(good);
    expect(run.lines.join('\n')).toContain(`${GROUP} version 4 (NA) (newer; gives way): Approved -> Rejected`);
  });

  test.each([
    ['was not registered by this action', { made_by: 'hand' }],
    ['is of another model: model_objective is Other there', { ...OURS, model_objective: 'Other' }],
  ])('stops at a newer one that %s', async (said, metadata) => {
    const good = await registry.register('NA');
    const other = await registry.register('NA', metadata, 'Approved');
    const run = await rollBack(good);
    expect([run.status, run.errors[0]?.title]).toEqual(['failed', 'package-refused']);
    expect(run.errors[0]?.message).toContain(said);
    expect(await registry.statuses(good, other)).toEqual(['PendingManualApproval', 'Approved']);
    await registry.set(other, 'Approved');
    expect((await rollBack(good, { 'allow-foreign': 'true' })).status).toBe('approved');
  });

  test('finds them among many versions', async () => {
    const good = await registry.register('NA');
    for (let count = 0; count < 104; count += 1) await registry.register('NA');
    const bad = await registry.register('NA', OURS, 'Approved');
    expect((await rollBack(good)).status).toBe('approved');
    expect(await registry.statuses(good, bad)).toEqual(['Approved', 'Rejected']);
  });
});
