import { PIPELINE_REGION } from '../../core/regions.ts';
import type { RoleCredentials, RoleSession } from '../credentials.ts';
import { required } from './call.ts';
import { clientSettings, limitTime } from './clients.ts';

/** The one call that needs no credentials: the token stands for them. */
export async function assumeRoleWithWebIdentity(session: RoleSession, token: string): Promise<RoleCredentials> {
  const sdk = await import('./modules/sts.ts');
  const client = limitTime(new sdk.STSClient(clientSettings(PIPELINE_REGION)), {});
  try {
    const answer = await client.send(
      new sdk.AssumeRoleWithWebIdentityCommand({
        RoleArn: session.roleArn,
        RoleSessionName: session.sessionName,
        DurationSeconds: session.durationSeconds,
        WebIdentityToken: token,
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = required(answer.Credentials, 'Credentials');
    return {
      accessKeyId: required(AccessKeyId, 'AccessKeyId'),
      secretAccessKey: required(SecretAccessKey, 'SecretAccessKey'),
      sessionToken: required(SessionToken, 'SessionToken'),
      expiration: required(Expiration, 'Expiration'),
    };
  } finally {
    client.destroy();
  }
}
