import { assumeRoleWithWebIdentity } from '../aws/sdk/assume-role.ts';
import { createAws } from '../aws/sdk/index.ts';
import type { Config } from '../config/index.ts';

/**
 * A group that is given by its ARN must exist, in another account perhaps: there it is made, in the embedded registry, as
 * its owner would have made it.
 */
export async function provideGroup({ base }: Config, nowMs: number): Promise<void> {
  const [, , , region = '', accountId = '', resource = ''] = base.model_package_group_name.split(':');
  if (resource === '') return;
  const session = {
    roleArn: `arn:aws:iam::${accountId}:role/rehearsal`,
    sessionName: 'rehearsal',
    durationSeconds: 3600,
    audience: 'sts.amazonaws.com',
  };
  const owner = createAws(() => assumeRoleWithWebIdentity(session, unsignedToken(nowMs)));
  await owner.registry(region).createGroup(resource.slice(resource.indexOf('/') + 1), 'Made for a rehearsal', {});
}

/** A token that nobody signed: the embedded STS knows no keys, and no other service takes it. */
function unsignedToken(nowMs: number): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'rehearsal', aud: 'sts.amazonaws.com', exp: Math.floor(nowMs / 1000) + 3600 };
  return `${encode({ alg: 'none' })}.${encode(claims)}.${Buffer.from('unsigned').toString('base64url')}`;
}
