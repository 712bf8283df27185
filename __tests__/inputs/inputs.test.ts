import { describe, expect, test } from '@jest/globals';
import { asDeployError } from '../../src/core/errors.ts';
import { readInputs } from '../../src/inputs/index.ts';

const REQUIRED = { 'config-path': 'config.json', 'model-s3-path': 's3://bucket/releases/1.0/model.tar.gz' };

function read(given: Readonly<Record<string, string>>) {
  const values: Record<string, string> = { ...REQUIRED, ...given };
  return readInputs((name) => values[name] ?? '');
}

function problemsOf(given: Readonly<Record<string, string>>): readonly string[] {
  try {
    read(given);
    return [];
  } catch (thrown) {
    return asDeployError(thrown).diagnostics.map(({ message }) => message);
  }
}

describe('readInputs', () => {
  test('gives every empty input its default', () => {
    expect(read({})).toEqual({
      configPath: 'config.json',
      model: { uri: 's3://bucket/releases/1.0/model.tar.gz', bucket: 'bucket', key: 'releases/1.0/model.tar.gz' },
      regions: undefined,
      pipelineRoleArn: undefined,
      mode: 'deploy',
      approvalStatus: 'PendingManualApproval',
      ifRegistered: 'reuse',
      expectPlanDigest: undefined,
      approval: {
        packages: [],
        description: undefined,
        rejectNewer: false,
        allowForeign: false,
        allowFailedLoadTest: false,
      },
      loadTest: 'off',
      wait: true,
      timeoutMinutes: 120,
      onCancel: 'stop',
      onTimeout: 'stop',
      parameters: {},
      tags: {},
      executionDocument: undefined,
      logTailLines: 50,
      workingDirectory: undefined,
      roleToAssume: undefined,
      roleSessionName: undefined,
      roleDurationSeconds: 3600,
      audience: 'sts.amazonaws.com',
      githubToken: undefined,
      comment: false,
    });
  });

  test.each([
    ['NA, EU', ['NA', 'EU']],
    ['eu\nna eu', ['EU', 'NA']],
    ['us-west-2', ['FE']],
    ['["FE","na"]', ['FE', 'NA']],
    [' , ', undefined],
  ])('reads the regions %j as %j', (text, expected) => {
    expect(read({ regions: text }).regions).toEqual(expected);
  });

  test.each([
    ['timeout-minutes', '0.5', 'timeoutMinutes', 0.5],
    ['log-tail-lines', '0', 'logTailLines', 0],
    ['wait', 'False', 'wait', false],
    ['approval-status', 'approved', 'approvalStatus', 'Approved'],
    [
      'parameters',
      'InferenceInstanceType = ml.m5.xlarge\n\n# a remark',
      'parameters',
      { InferenceInstanceType: 'ml.m5.xlarge' },
    ],
    ['tags', 'team=bsm\nurl=a=b', 'tags', { team: 'bsm', url: 'a=b' }],
  ])('reads %s %j', (name, text, field, expected) => {
    expect(read({ [name]: text })).toMatchObject({ [field]: expected });
  });

  test.each([
    [
      'config-path',
      '',
      'Input config-path is empty; expected the path of the JSON configuration, like deploy/config.json (mode: deploy needs one).',
    ],
    [
      'model-s3-path',
      'model.zip',
      'Input model-s3-path is "model.zip"; expected s3://bucket/key/model.tar.gz, one gzip tar archive.',
    ],
    [
      'model-s3-path',
      's3://bucket/.tar.gz',
      'Input model-s3-path is "s3://bucket/.tar.gz"; expected s3://bucket/key/model.tar.gz, one gzip tar archive.',
    ],
    ['regions', 'NA, mars', 'Input regions names "mars"; expected NA, EU, FE or their AWS names.'],
    ['mode', 'dry', 'Input mode is "dry"; expected deploy or plan or rehearse or approve.'],
    ['wait', 'yes', 'Input wait is "yes"; expected true or false.'],
    ['timeout-minutes', '0', 'Input timeout-minutes is "0"; expected a number above 0 to 40320 (minutes).'],
    ['timeout-minutes', '1e3', 'Input timeout-minutes is "1e3"; expected a number above 0 to 40320 (minutes).'],
    ['log-tail-lines', '1.5', 'Input log-tail-lines is "1.5"; expected a whole number from 0 to 10000 (lines).'],
    [
      'pipeline-role-arn',
      'role',
      'Input pipeline-role-arn is "role"; expected the ARN of an IAM role, like arn:aws:iam::123456789012:role/bsm-pipeline.',
    ],
    [
      'parameters',
      'ModelS3Path=x',
      'Input parameters sets ModelS3Path; expected no reserved parameter: the action itself sets that one.',
    ],
    [
      'parameters',
      'Nope=x',
      'Input parameters sets "Nope"; expected one of PipelineExecutionTempDir, InferenceInstanceType, KMSEncryptionKey, VPCEndpointSubnet, SecurityGroupId.',
    ],
    ['parameters', 'x', 'Input parameters has the line "x"; expected one Name=Value a line.'],
    ['tags', 'a=1\na=2', 'Input tags gives "a" twice; expected every name once.'],
    ['tags', 'aws:x=1', 'Input tags has the tag "aws:x"; expected no key that begins with aws:, AWS keeps those.'],
    ['tags', 'a=#', 'Input tags has the tag "a"; expected letters, digits, blanks and _.:/=+-@ in key and value.'],
  ])('refuses %s %j', (name, text, message) => {
    expect(problemsOf({ [name]: text })).toContain(message);
  });

  test.each([
    ['deploy', 'require', true],
    ['plan', 'require', true],
    ['rehearse', 'require', false],
    ['deploy', 'report', false],
  ])('refuses a required load test of packages that nobody waits for: %s, %s', (mode, loadTest, refused) => {
    const message =
      'Input load-test is require with wait: false; expected wait: true, since packages are loaded when they are there.';
    expect(problemsOf({ mode, 'load-test': loadTest, wait: 'false' })).toEqual(refused ? [message] : []);
  });

  test('names every problem at once', () => {
    expect(problemsOf({ wait: 'x', mode: 'y', regions: 'z' })).toHaveLength(3);
  });
});
