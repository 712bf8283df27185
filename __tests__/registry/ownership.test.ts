import { describe, expect, test } from '@jest/globals';
import type { ModelPackage } from '../../src/aws/types.ts';
import type { Registration } from '../../src/plan/types.ts';
import { foreignPackage, isIdentifier } from '../../src/registry/records.ts';

const OURS = {
  region: 'EU',
  group: 'Team-Group',
  account: '123456789012',
  fingerprint: 'f'.repeat(64),
  packageFingerprint: 'e'.repeat(64),
  modelData: { bucket: 'models-eu', key: 'loc/package/e/model.tar.gz' },
} as unknown as Registration;
const ARN = 'arn:aws:sagemaker:eu-west-1:123456789012:model-package/Team-Group/7';
const FOUND: ModelPackage = {
  arn: ARN,
  group: 'Team-Group',
  version: 7,
  status: 'Completed',
  approval: 'PendingManualApproval',
  modelDataUrl: 's3://models-eu/loc/package/e/model.tar.gz',
  metadata: { package_fingerprint: 'e'.repeat(64), registration_fingerprint: 'f'.repeat(64) },
};
const GROUP_ARN = 'arn:aws:sagemaker:eu-west-1:999999999999:model-package-group/team-group';
const SHARED = { ...OURS, group: GROUP_ARN, account: '999999999999' };
const SHARED_ARN = ARN.replace('123456789012', '999999999999');

describe('a package is ours', () => {
  test.each([
    ['as it was registered', OURS, ARN, FOUND],
    ['with its ARN in lower case', OURS, ARN, { ...FOUND, arn: ARN.toLowerCase() }],
    ['asked for in lower case', OURS, ARN.toLowerCase(), FOUND],
    [
      'with the fingerprint of the package alone',
      OURS,
      ARN,
      { ...FOUND, metadata: { package_fingerprint: 'e'.repeat(64) } },
    ],
    ['in a group of another account that is given by its ARN', SHARED, SHARED_ARN, { ...FOUND, arn: SHARED_ARN }],
  ])('%s', (_how, registration, asked, found) => {
    expect(foreignPackage(registration, asked, found)).toBeUndefined();
  });
});

describe('a package is somebody else’s', () => {
  const at = (part: string, other: string) => ARN.replace(part, other);
  test.each<[string, string, ModelPackage, string]>([
    ['asked for in another account', at('123456789012', '111111111111'), FOUND, '111111111111'],
    ['asked for in another region', at('eu-west-1', 'us-west-2'), FOUND, 'us-west-2'],
    ['asked for in another group', at('Team-Group', 'Other'), FOUND, 'Other/7'],
    ['asked for without a version', at('/7', ''), FOUND, 'expected'],
    ['asked for as what is no ARN', 'hello', FOUND, 'hello'],
    ['answered for another version', ARN, { ...FOUND, arn: at('/7', '/8') }, 'Group/8'],
    ['answered in another group', ARN, { ...FOUND, group: 'Another' }, 'Another'],
    ['answered in a group of another case', ARN, { ...FOUND, group: 'team-group' }, 'team-group'],
    ['of another registration', ARN, { ...FOUND, metadata: { ...FOUND.metadata, registration_fingerprint: 'x' } }, 'x'],
    ['of another package', ARN, { ...FOUND, metadata: { package_fingerprint: 'y' } }, 'y'],
    ['without metadata', ARN, { ...FOUND, metadata: {} }, 'nothing'],
    ['with other model data', ARN, { ...FOUND, modelDataUrl: 's3://models-eu/evil.tar.gz' }, 'evil.tar.gz'],
    ['without model data', ARN, { ...FOUND, modelDataUrl: undefined }, 'nothing'],
  ])('%s', (_how, asked, found, named) => {
    const why = foreignPackage(OURS, asked, found);
    expect(why).toContain(named);
    expect(why).toMatch(/expected|asked for/);
  });
});

describe("what a team's own inventory calls a package", () => {
  test.each(['MIMS/4711', ARN, 'Modell für Abuse #7'])('is any text of one line: %s', (text) => {
    expect(isIdentifier(text)).toBe(true);
  });

  test.each([
    ['empty', ''],
    ['of two lines', 'a\n::error::b'],
    ['coloured', 'a\u001b[31m'],
    ['of endless length', 'a'.repeat(2_049)],
  ])('is nothing that is %s', (_what, text) => {
    expect(isIdentifier(text)).toBe(false);
  });
});
