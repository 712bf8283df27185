import { describe, expect, test } from '@jest/globals';
import { applyChanges, rehearsalChanges } from '../../src/rehearsal/server.ts';

const AWS = { url: 'http://127.0.0.1:1', emptyFile: '/tmp/empty' };
const THERE = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_ACCESS_KEY_ID: 'AKIAREHEARSAL0000000',
  AWS_SECRET_ACCESS_KEY: 'rehearsal',
  AWS_REGION: 'us-east-1',
  AWS_CONFIG_FILE: '/tmp/empty',
  AWS_SHARED_CREDENTIALS_FILE: '/tmp/empty',
  AWS_EC2_METADATA_DISABLED: 'true',
};

describe('the environment of a rehearsal', () => {
  test.each([
    [{}],
    [{ AWS_SESSION_TOKEN: 'x', AWS_PROFILE: 'real', AWS_DEFAULT_REGION: 'eu-west-1' }],
    [{ AWS_ENDPOINT_URL_S3: 'http://x', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true', AWS_USE_FIPS_ENDPOINT: 'true' }],
    [{ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://x', AWS_WEB_IDENTITY_TOKEN_FILE: '/x', AWS_ROLE_ARN: 'arn:x' }],
    [{ aws_access_key_id: 'x', AWS_ACCESS_KEY_ID: 'real' }],
  ])('of %j holds nothing of an account', (given) => {
    const environment: Record<string, string | undefined> = { PATH: '/bin', GITHUB_SHA: 'abc', ...given };
    applyChanges(environment, rehearsalChanges(environment, AWS));
    expect(environment).toEqual({ PATH: '/bin', GITHUB_SHA: 'abc', ...THERE });
  });

  test('is as it was when the rehearsal is over', () => {
    const environment: Record<string, string | undefined> = {
      PATH: '/bin',
      AWS_PROFILE: 'real',
      AWS_REGION: 'eu-west-1',
    };
    const before = { ...environment };
    const undo = applyChanges(environment, rehearsalChanges(environment, AWS));
    applyChanges(environment, undo);
    expect(environment).toEqual(before);
  });
});
