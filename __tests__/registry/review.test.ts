import { expect, test } from '@jest/globals';
import type { Aws, ModelPackage } from '../../src/aws/types.ts';
import { reviewPackages } from '../../src/registry/review.ts';

const ARN = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/team/7';
const FOUND: ModelPackage = {
  arn: ARN,
  group: 'Team',
  version: 7,
  status: 'Completed',
  approval: 'PendingManualApproval',
  modelDataUrl: undefined,
  metadata: { package_fingerprint: 'e'.repeat(64) },
};

function review(found: ModelPackage) {
  const aws = { registry: () => ({ describe: () => Promise.resolve(found) }) } as unknown as Aws;
  const approval = {
    packages: [{ region: 'NA', arn: ARN }],
    description: undefined,
    rejectNewer: false,
    allowForeign: false,
    allowFailedLoadTest: false,
  } as const;
  return reviewPackages({ approval, approvalStatus: 'Approved' }, aws, () => undefined);
}

test('a package is approved by whichever spelling of its ARN the registry answers', async () => {
  const reviewed = await review({ ...FOUND, arn: ARN.replace('/team/', '/Team/') });
  expect(reviewed).toMatchObject([{ region: 'NA', wanted: 'Approved' }]);
});

test('no package is approved that is answered instead of the one asked for', async () => {
  const other = ARN.replace('/7', '/8');
  await expect(review({ ...FOUND, arn: other })).rejects.toMatchObject({
    code: 'package-refused',
    message: `The registry answered ${other} where ${ARN} was asked for.`,
  });
});
