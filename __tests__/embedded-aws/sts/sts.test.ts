import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Refused } from '../support.ts';
import { clientOptions, refusalOf, useEmbeddedAws } from '../support.ts';

let nowMs = Date.now();
const running = useEmbeddedAws({ clock: { nowMs: () => nowMs } });
const clients: { destroy(): void }[] = [];
afterAll(() => {
  for (const client of clients) client.destroy();
});

type Issued = {
  AccessKeyId?: string | undefined;
  SecretAccessKey?: string | undefined;
  SessionToken?: string | undefined;
};

function sts(issued?: Issued): STSClient {
  const options = clientOptions(running().aws.url);
  const client = new STSClient(issued === undefined ? options : { ...options, credentials: credentialsOf(issued) });
  clients.push(client);
  return client;
}

function credentialsOf({ AccessKeyId = '', SecretAccessKey = '', SessionToken = '' }: Issued) {
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

function jwt(claims: Record<string, unknown>): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

const RoleArn = 'arn:aws:iam::210987654321:role/ci/deployer';
const RoleSessionName = 'release-1.3.0';
const WebIdentityToken = jwt({ sub: 'repo:org/name', aud: 'sts.amazonaws.com', iss: 'https://token.example' });

function byWebIdentity(options: { RoleArn?: string; WebIdentityToken?: string; DurationSeconds?: number } = {}) {
  const command = { RoleArn, RoleSessionName, WebIdentityToken, ...options };
  return sts().send(new AssumeRoleWithWebIdentityCommand(command));
}

describe('the caller', () => {
  test('is a session of the account', async () => {
    const { Arn, Account } = await sts().send(new GetCallerIdentityCommand({}));
    expect([Arn, Account]).toEqual(['arn:aws:sts::123456789012:assumed-role/embedded/session', '123456789012']);
  });

  test('is the assumed role with the credentials of that role', async () => {
    const { Credentials = {} } = await byWebIdentity();
    const { Arn, Account } = await sts(Credentials).send(new GetCallerIdentityCommand({}));
    expect([Arn, Account]).toEqual([
      `arn:aws:sts::210987654321:assumed-role/deployer/${RoleSessionName}`,
      '210987654321',
    ]);
  });
});

describe('a role assumed by web identity', () => {
  test('lasts as long as asked for, and names the token it came from', async () => {
    const assumed = await byWebIdentity({ DurationSeconds: 900 });
    expect([
      assumed.Credentials?.Expiration?.getTime(),
      assumed.SubjectFromWebIdentityToken,
      assumed.Audience,
      assumed.AssumedRoleUser?.Arn,
    ]).toEqual([
      nowMs + 900_000,
      'repo:org/name',
      'sts.amazonaws.com',
      `arn:aws:sts::210987654321:assumed-role/deployer/${RoleSessionName}`,
    ]);
  });

  test.each([
    ['a role that is none', { RoleArn: 'arn:aws:iam::1:user/somebody' }, 'ValidationError'],
    ['a token that is none', { WebIdentityToken: 'token' }, 'InvalidIdentityTokenException'],
    ['an expired token', { WebIdentityToken: jwt({ exp: 1_000_000 }) }, 'ExpiredTokenException'],
    ['a duration too short', { DurationSeconds: 60 }, 'ValidationError'],
    ['a duration too long', { DurationSeconds: 99_999 }, 'ValidationError'],
  ])('is refused with %s', async (_, options, code) => {
    expect(await refusalOf(byWebIdentity(options))).toEqual({ code, status: 400 });
  });
});

describe('issued credentials', () => {
  async function headBucket(issued: Issued): Promise<Refused | 'accepted'> {
    const s3 = new S3Client({ ...clientOptions(running().aws.url), credentials: credentialsOf(issued) });
    clients.push(s3);
    const call = s3.send(new HeadBucketCommand({ Bucket: 'models' }));
    return call.then(
      () => 'accepted' as const,
      () => refusalOf(call),
    );
  }

  test('are accepted by S3 with their token, refused without it', async () => {
    const { Credentials = {} } = await byWebIdentity();
    const stranger = { ...Credentials, SessionToken: 'another' };
    expect([await headBucket(Credentials), ((await headBucket(stranger)) as Refused).status]).toEqual([
      'accepted',
      400,
    ]);
  });

  test('expire', async () => {
    const { Credentials = {} } = await byWebIdentity({ DurationSeconds: 900 });
    nowMs += 901_000;
    const late = sts(Credentials).send(new GetCallerIdentityCommand({}));
    expect(await refusalOf(late)).toEqual({ code: 'ExpiredToken', status: 403 });
    expect(await headBucket(Credentials)).toMatchObject({ status: 400 });
  });
});
