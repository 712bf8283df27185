import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BUCKET, openWorld, testPython, type World } from './world.ts';

const GROUP = 'bsm-team-BSM-RnR-NA';
const AWS = { NA: 'us-east-1', EU: 'eu-west-1', FE: 'us-west-2' } as const;
const packageArn = (code: keyof typeof AWS, version: number) =>
  `arn:aws:sagemaker:${AWS[code]}:123456789012:model-package/${GROUP.toLowerCase()}/${version}`;

// The registration job needs boto3; without it these tests say so and pass over.
const hasBoto3 = spawnSync(testPython(), ['-c', 'import boto3']).status === 0;
if (!hasBoto3) console.warn('SKIPPED: boto3 is not installed for the registration jobs.');
const suite = hasBoto3 ? describe : describe.skip;

let world: World;
beforeEach(async () => {
  world = await openWorld();
  world.configure((config) => Object.assign(config['package'] ?? {}, { verify: false }));
});
afterEach(() => world.close());

function arns(run: { outputs: Readonly<Record<string, string>> }): unknown {
  return JSON.parse(run.outputs['model-package-arns'] ?? 'null');
}

/** Asked with an independent client; not synchronously, since the embedded AWS runs in this very process. */
async function describePackage(arn: string): Promise<Record<string, unknown>> {
  const script =
    'import boto3, json, sys\nr = sys.argv[1].split(":")[3]\n' +
    'print(json.dumps(boto3.client("sagemaker", region_name=r).describe_model_package(ModelPackageName=sys.argv[1]), default=str))';
  const env = {
    PATH: process.env['PATH'],
    AWS_ENDPOINT_URL: world.aws.url,
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'x',
  };
  try {
    const { stdout } = await promisify(execFile)(testPython(), ['-c', script, arn], { env });
    return JSON.parse(stdout) as Record<string, unknown>;
  } catch (thrown) {
    return { error: String(thrown) };
  }
}

suite('three regions', () => {
  test('each get the package, from a bucket and with an image of their own', async () => {
    const run = await world.deploy({ regions: 'EU, na us-west-2 EU' });
    expect([run.exitCode, Object.keys(arns(run) as object)]).toEqual([0, ['EU', 'NA', 'FE']]);
    expect(arns(run)).toEqual({ EU: packageArn('EU', 1), NA: packageArn('NA', 1), FE: packageArn('FE', 1) });
    for (const code of ['NA', 'EU', 'FE'] as const) {
      const found = await describePackage(packageArn(code, 1));
      const bucket = code === 'NA' ? BUCKET : `sagemaker-${AWS[code]}-123456789012`;
      expect(found).toMatchObject({
        ModelPackageStatus: 'Completed',
        ModelApprovalStatus: 'PendingManualApproval',
        SamplePayloadUrl: expect.stringContaining(`s3://${bucket}/`),
        MetadataProperties: {
          CommitId: '1234567890abcdef1234567890abcdef12345678',
          Repository: 'https://github.com/org/models',
        },
        CustomerMetadataProperties: {
          package_sha256: run.outputs['package-sha256'],
          package_fingerprint: run.outputs['fingerprint'],
          git_ref: 'refs/tags/v1.3.0',
          release_tag: 'v1.3.0',
          actor: 'octocat',
          registration_fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
        InferenceSpecification: {
          Containers: [
            {
              Image: expect.stringContaining(`.ecr.${AWS[code]}.amazonaws.com/pytorch-inference:`),
              ModelDataUrl: expect.stringContaining(`s3://${bucket}/`),
              Environment: expect.objectContaining({ AWS_REGION: AWS[code] }),
            },
          ],
        },
      });
    }
  });

  test('deployed again start nothing, in at most 10 requests', async () => {
    const first = await world.deploy({ regions: 'NA EU FE' });
    world.operations();
    const second = await world.deploy({ regions: 'NA EU FE' });
    expect([second.outputs['status'], arns(second)]).toEqual(['reused', arns(first)]);
    expect(world.operations().length).toBeLessThanOrEqual(10);
  });

  test('what is registered is told also where the rest cannot even begin', async () => {
    const first = await world.deploy({ regions: 'NA' });
    world.aws.setFaults([{ operation: 'UpdatePipeline', call: 'every', fault: 'access-denied' }]);
    const second = await world.deploy({ regions: 'NA EU', 'approval-status': 'Approved' });
    expect([second.exitCode, second.outputs['status'], arns(second)]).toEqual([1, 'failed', arns(first)]);
    expect(second.stdout).toMatch(/NA +registered already: .* \(Approved, set now; it was PendingManualApproval\)/);
  });

  test('one that fails hides no other; the second run registers only what is missing', async () => {
    world.configure((config) => Object.assign(config['base'] ?? {}, { regional_buckets: { EU: 'models-of-europe' } }));
    const first = await world.deploy({ regions: 'NA EU FE' });
    expect([first.exitCode, first.outputs['status']]).toEqual([1, 'failed']);
    expect(arns(first)).toEqual({ NA: packageArn('NA', 1), FE: packageArn('FE', 1) });
    expect(first.stdout).toContain('Registration_EU failed: The bucket models-of-europe does not exist');
    await world.aws.store.createBucket('models-of-europe', 'eu-west-1');
    const second = await world.deploy({ regions: 'NA EU FE' });
    expect(second.exitCode).toBe(0);
    expect(arns(second)).toEqual({ NA: packageArn('NA', 1), EU: packageArn('EU', 1), FE: packageArn('FE', 1) });
    expect(second.stdout).not.toContain('Registration_NA          Succeeded');
  });

  test('a region that is added later is registered alone', async () => {
    await world.deploy({ regions: 'NA' });
    const second = await world.deploy({ regions: 'NA FE' });
    expect([second.outputs['status'], arns(second)]).toEqual([
      'succeeded',
      { NA: packageArn('NA', 1), FE: packageArn('FE', 1) },
    ]);
  });

  test('if-registered: again makes a new version in each', async () => {
    await world.deploy({ regions: 'NA EU' });
    const second = await world.deploy({ regions: 'NA EU', 'if-registered': 'again' });
    expect(arns(second)).toEqual({ NA: packageArn('NA', 2), EU: packageArn('EU', 2) });
  });

  test('approval-status: Approved on a second run promotes what is registered', async () => {
    await world.deploy({ regions: 'NA EU' });
    const second = await world.deploy({ regions: 'NA EU', 'approval-status': 'Approved' });
    expect(second.outputs['status']).toBe('reused');
    expect(await describePackage(packageArn('EU', 1))).toMatchObject({ ModelApprovalStatus: 'Approved' });
    expect(await describePackage(packageArn('NA', 1))).toMatchObject({ ModelApprovalStatus: 'Approved' });
  });

  test('what was rejected is not handed out again', async () => {
    await world.deploy({ 'approval-status': 'Rejected' });
    const second = await world.deploy();
    expect([second.exitCode, second.stdout.includes('title=registered-rejected')]).toEqual([1, true]);
  });
});

suite('a group of another account', () => {
  const group = 'arn:aws:sagemaker:us-east-1:999999999999:model-package-group/shared-models';

  test('is registered in when it is there', async () => {
    const script =
      'import boto3\n' +
      'c = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::999999999999:role/x", RoleSessionName="test")["Credentials"]\n' +
      'boto3.client("sagemaker", aws_access_key_id=c["AccessKeyId"], aws_secret_access_key=c["SecretAccessKey"],' +
      ' aws_session_token=c["SessionToken"]).create_model_package_group(ModelPackageGroupName="shared-models")';
    const env = {
      PATH: process.env['PATH'],
      AWS_ENDPOINT_URL: world.aws.url,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'x',
    };
    await promisify(execFile)(testPython(), ['-c', script], { env });
    world.configure((config) => Object.assign(config['base'] ?? {}, { model_package_group_name: group }));
    const run = await world.deploy();
    const arn = expect.stringContaining(':model-package/shared-models/1');
    expect(run.outputs).toMatchObject({ status: 'succeeded', 'model-package-arn': arn });
  });

  test('is one clear error when it is not there, and nothing is started', async () => {
    world.configure((config) => Object.assign(config['base'] ?? {}, { model_package_group_name: group }));
    const run = await world.deploy();
    expect([run.exitCode, run.stdout.includes(`The model package group ${group} does not exist`)]).toEqual([1, true]);
    expect(world.operations()).not.toContain('StartPipelineExecution');
  });
});

suite('at the same time', () => {
  test('two jobs with the same release end with one package, both green', async () => {
    const runs = await Promise.all([world.deploy({ regions: 'NA EU' }), world.deploy({ regions: 'NA EU' })]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(runs.map(arns)).toEqual(Array(2).fill({ NA: packageArn('NA', 1), EU: packageArn('EU', 1) }));
    expect(await describePackage(packageArn('NA', 2))).toHaveProperty('error');
  });

  test('two different releases each run their own definition', async () => {
    const other = JSON.parse(readFileSync(join(world.workspace, 'config.json'), 'utf8')) as Record<
      string,
      Record<string, unknown>
    >;
    Object.assign(other['registration'] ?? {}, { model_owner: 'another-team' });
    writeFileSync(join(world.workspace, 'other.json'), JSON.stringify(other));
    const runs = await Promise.all([world.deploy(), world.deploy({ 'config-path': 'other.json' })]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    const found = await Promise.all(runs.map((run) => describePackage(run.outputs['model-package-arn'] ?? '')));
    const owners = found.map((answer) => answer['CustomerMetadataProperties']);
    expect(owners).toEqual([
      expect.objectContaining({ model_owner: 'bsm-team' }),
      expect.objectContaining({ model_owner: 'another-team' }),
    ]);
  });
});

suite('a model that changes during the run', () => {
  async function deployChanging() {
    let changing: Promise<unknown> | undefined;
    const run = await world.deploy(
      {},
      {
        onOutput(_child, printed) {
          if (/PackagingStep +Executing/.test(printed)) {
            changing ??= world.aws.store.putBytes(BUCKET, 'releases/1.3.0/model.tar.gz', Buffer.from('another model'));
          }
        },
      },
    );
    await changing;
    return run;
  }

  test('ends red, its packages Rejected', async () => {
    const run = await deployChanging();
    expect([run.exitCode, run.outputs['status'], arns(run)]).toEqual([1, 'failed', {}]);
    expect(run.stdout).toContain('title=model-changed');
    expect(await describePackage(packageArn('NA', 1))).toMatchObject({ ModelApprovalStatus: 'Rejected' });
  });

  test('ends as that also for a role that may reject nothing, and says what is left to do', async () => {
    world.aws.setFaults([{ operation: 'UpdateModelPackage', call: 'every', fault: 'access-denied' }]);
    const run = await deployChanging();
    expect([run.exitCode, run.outputs['status'], arns(run)]).toEqual([1, 'failed', {}]);
    expect(run.stdout).toContain('title=model-changed');
    expect(run.stdout).toContain(`Not set to Rejected: ${packageArn('NA', 1)}`);
    expect(run.stdout).toContain('mode: approve with approval-status: Rejected');
  });
});

suite('the execution document', () => {
  test('fills a template, keeps what it says beyond, and leaves out what it does not name', async () => {
    const template = {
      mine: 1,
      PIPELINE_STEP_CONFIGS: { Registration_NA: { STEP_CONFIG: { extra: 'x', model_owner: 'old' } } },
    };
    const run = await world.deploy({ regions: 'NA EU', 'execution-document': JSON.stringify(template) });
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain('does not name Registration_EU');
    const key = world.aws.store.list(BUCKET, 'MODS/').find((object) => object.key.endsWith('/config'));
    const document = JSON.parse(readFileSync(key?.bodyPath ?? '', 'utf8')) as Record<string, unknown>;
    expect(document).toMatchObject({
      mine: 1,
      PIPELINE_STEP_CONFIGS: {
        Registration_NA: { STEP_CONFIG: { extra: 'x', model_owner: 'bsm-team', model_registration_region: 'NA' } },
      },
    });
    expect(Object.keys(document['PIPELINE_STEP_CONFIGS'] as object)).toEqual(['Registration_NA']);
  });

  test.each([
    ['without its steps', '{"a": 1}', 'has no object PIPELINE_STEP_CONFIGS'],
    ['that is no JSON', '{"a": }', 'is no valid JSON'],
    ['that is not there', 'nope.json', 'cannot be read'],
  ])('%s is one clear error', async (_what, template, message) => {
    const run = await world.deploy({ 'execution-document': template });
    expect([run.exitCode, run.stdout.includes(message)]).toEqual([1, true]);
  });
});
