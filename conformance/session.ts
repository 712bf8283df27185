import { UpdateModelPackageCommand } from '@aws-sdk/client-sagemaker';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { Account } from './account.ts';
import { type Answer, attemptOpenly, outcomeOf } from './outcome.ts';

/** May update packages, and set any approval status but Approved. */
const SESSION_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'sagemaker:UpdateModelPackage', Resource: '*' },
    {
      Effect: 'Deny',
      Action: 'sagemaker:UpdateModelPackage',
      Resource: '*',
      Condition: { StringEquals: { 'sagemaker:ModelApprovalStatus': 'Approved' } },
    },
  ],
});

/** Sets the status of the package with a session that may not approve. */
export async function approvals(account: Account, packageArn: string): Promise<Answer> {
  const { Credentials } = await account.sts.send(
    new AssumeRoleCommand({
      RoleArn: account.options.sessionRole,
      RoleSessionName: account.run.slice(0, 64),
      DurationSeconds: 900,
      Policy: SESSION_POLICY,
    }),
  );
  const client = account.sagemakerWith({
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  });
  const set = async (ModelApprovalStatus: 'Approved' | 'Rejected') => {
    const command = new UpdateModelPackageCommand({ ModelPackageArn: packageArn, ModelApprovalStatus });
    return outcomeOf(await attemptOpenly(client.send(command)));
  };
  return { approve: await set('Approved'), reject: await set('Rejected') };
}
