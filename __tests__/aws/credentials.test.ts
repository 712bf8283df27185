import { describe, expect, test } from '@jest/globals';
import { type CredentialSources, roleCredentials, type RoleSession, sessionName } from '../../src/aws/credentials.ts';
import { DeployError } from '../../src/core/errors.ts';

const SESSION: RoleSession = {
  roleArn: 'arn:aws:iam::123456789012:role/deploy',
  sessionName: 'GitHubActions-org-models-4711',
  durationSeconds: 900,
  audience: 'sts.amazonaws.com',
};
const MINUTE_MS = 60_000;

function world(overrides: Partial<CredentialSources> = {}) {
  const state = { nowMs: 1_000_000_000, issued: 0, fails: false, masked: [] as string[] };
  const sources: CredentialSources = {
    getIdToken: () => Promise.resolve('header.payload.signature'),
    assume(session) {
      if (state.fails) return Promise.reject(Object.assign(new Error('down'), { name: 'ServiceUnavailable' }));
      state.issued += 1;
      return Promise.resolve({
        accessKeyId: `ASIA${state.issued}`,
        secretAccessKey: `secret${state.issued}`,
        sessionToken: `token${state.issued}`,
        expiration: new Date(state.nowMs + session.durationSeconds * 1000),
      });
    },
    nowMs: () => state.nowMs,
    mask: (secret) => state.masked.push(secret),
    ...overrides,
  };
  return { state, credentials: roleCredentials(SESSION, sources) };
}

async function errorOf(overrides: Partial<CredentialSources>): Promise<DeployError> {
  const thrown: unknown = await world(overrides)
    .credentials()
    .catch((error: unknown) => error);
  if (thrown instanceof DeployError) return thrown;
  throw new Error('expected a DeployError');
}

describe('roleCredentials', () => {
  test('renews five minutes before the end, for as long as the run lasts', async () => {
    const { state, credentials } = world();
    const keys: string[] = [];
    for (let minute = 0; minute < 40; minute += 1) {
      const { accessKeyId, expiration } = await credentials();
      expect(expiration.getTime() - state.nowMs).toBeGreaterThan(5 * MINUTE_MS);
      keys.push(accessKeyId);
      state.nowMs += MINUTE_MS;
    }
    expect(new Set(keys).size).toBe(4);
  });

  test('renews once for all clients that ask at the same time', async () => {
    const { state, credentials } = world();
    await Promise.all([credentials(), credentials(), credentials()]);
    expect(state.issued).toBe(1);
  });

  test('lives on with what it holds while a renewal fails, and tries again', async () => {
    const { state, credentials } = world();
    await credentials();
    state.nowMs += 11 * MINUTE_MS;
    state.fails = true;
    expect((await credentials()).accessKeyId).toBe('ASIA1');
    state.fails = false;
    state.nowMs += MINUTE_MS;
    expect((await credentials()).accessKeyId).toBe('ASIA2');
  });

  test('masks token, secret key and session token, and nothing else', async () => {
    const { state, credentials } = world();
    await credentials();
    expect(state.masked).toEqual(['header.payload.signature', 'secret1', 'token1']);
  });
});

describe('an error of OIDC', () => {
  test('without id-token: write names the permission', async () => {
    const missing = new Error('Error message: Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable');
    const error = await errorOf({ getIdToken: () => Promise.reject(missing) });
    expect([error.code, error.advice.includes('id-token: write')]).toEqual(['credentials-missing', true]);
  });

  test.each([
    ['AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', /trust policy/],
    ['InvalidIdentityToken', 'Incorrect token audience', /identity provider/],
    ['ExpiredTokenException', 'Token expired', /clock/],
    ['ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration', /maximum session duration/],
  ])('%s says what to look at', async (name, message, advice) => {
    const refused = Object.assign(new Error(message), { name });
    const error = await errorOf({ assume: () => Promise.reject(refused) });
    expect(error.code).toBe('credentials-missing');
    expect(error.message).toContain(message);
    expect(error.message).toContain(SESSION.roleArn);
    expect(error.advice).toMatch(advice);
  });
});

describe('sessionName', () => {
  test.each([
    [
      'https://github.com/org/models',
      'https://github.com/org/models/actions/runs/4711/attempts/1',
      'GitHubActions-org-models-4711',
    ],
    ['none', 'none', 'GitHubActions-none-local'],
    [
      `https://github.com/org/${'x'.repeat(90)} y`,
      'https://h/o/r/actions/runs/12345678901/attempts/2',
      /^[\w+=,.@-]{2,64}$/,
    ],
  ])('of %s is what STS takes', (repository, runUrl, expected) => {
    expect(sessionName(repository, runUrl)).toMatch(expected);
  });
});
