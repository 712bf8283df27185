import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInProcess, type InProcessRun } from '../harness/in-process.ts';
import { ROOT } from '../harness/run-action.ts';
import { motoServer } from './moto.ts';
import { type SecondAws, startSecondAws } from './second-aws.ts';

// The whole way against an AWS that we did not write. moto keeps what is made (pipelines, executions, models, jobs,
// packages, objects, logs); the driver of this folder does what a pipeline would do, since moto runs none.
const program = motoServer() ?? '';
const isThere = existsSync(program);
if (!isThere) console.warn('SKIPPED: moto_server is not installed (BSM_TOOLS_BIN), so there is no second AWS.');
test('moto is there in CI', () => {
  expect(isThere || process.env['CI'] !== 'true').toBe(true);
});
const suite = isThere ? describe : describe.skip;

const BUCKET = 'bsm-models-123456789012';
const MODEL = `s3://${BUCKET}/releases/1.3.0/model.tar.gz`;
const GROUP = 'bsm-team-BSM-RnR-NA';
/** moto writes names in ARNs in lower case, as AWS does. */
const packageArn = (region: string, version: number) =>
  `arn:aws:sagemaker:${region}:123456789012:model-package/${GROUP.toLowerCase()}/${version}`;

let aws: SecondAws;
let workspace: string;

async function open(): Promise<void> {
  aws = await startSecondAws(program);
  workspace = mkdtempSync(join(tmpdir(), 'workspace-'));
  cpSync(join(ROOT, 'examples', 'bsm', 'scripts'), join(workspace, 'scripts'), { recursive: true });
  const text = readFileSync(join(ROOT, 'examples', 'bsm', 'config.json'), 'utf8');
  const config = JSON.parse(text) as Record<string, object>;
  // Verification needs PyTorch and says nothing about an AWS.
  Object.assign(config['package'] ?? {}, { verify: false });
  writeFileSync(join(workspace, 'config.json'), JSON.stringify(config));
  await aws.moto.s3('PUT', BUCKET);
  const model = readFileSync(join(ROOT, 'examples', 'bsm', 'model.tar.gz'));
  await aws.moto.s3('PUT', `${BUCKET}/releases/1.3.0/model.tar.gz`, model);
}

async function close(): Promise<void> {
  await aws.close();
  rmSync(workspace, { recursive: true, force: true });
}

const deploy = (inputs: Readonly<Record<string, string>> = {}) =>
  runInProcess({
    workspace,
    url: aws.url,
    inputs: { 'config-path': 'config.json', 'model-s3-path': MODEL, ...inputs },
  });

const describePackage = (version: number, region = 'us-east-1') =>
  aws.moto.call('SageMaker.DescribeModelPackage', { ModelPackageName: packageArn(region, version) }, region);

const ended = ({ status, errors }: InProcessRun) => ({ status, errors: errors.map(({ message }) => message) });
const changing = () => aws.operations().filter((operation) => /^(PUT|POST|Create|Update|Start)/.test(operation));

suite('a deployment to moto', () => {
  let first: InProcessRun;
  beforeAll(async () => {
    await open();
    first = await deploy({ regions: 'NA EU' });
  });
  afterAll(close);

  test('registers in both regions', () => {
    expect(ended(first)).toEqual({ status: 'succeeded', errors: [] });
    const arns = JSON.parse(first.outputs['model-package-arns'] ?? '') as unknown;
    expect(arns).toEqual({ NA: packageArn('us-east-1', 1), EU: packageArn('eu-west-1', 1) });
  });

  test.each([
    ['us-east-1', BUCKET],
    ['eu-west-1', 'sagemaker-eu-west-1-123456789012'],
  ])('leaves a package in %s that says what it is', async (region, bucket) => {
    expect(await describePackage(1, region)).toMatchObject({
      ModelPackageStatus: 'Completed',
      ModelApprovalStatus: 'PendingManualApproval',
      SamplePayloadUrl: expect.stringContaining(`s3://${bucket}/`),
      CustomerMetadataProperties: {
        package_fingerprint: first.outputs['fingerprint'],
        package_sha256: first.outputs['package-sha256'],
        model_owner: 'bsm-team',
      },
      InferenceSpecification: {
        Containers: [
          {
            Image: expect.stringContaining(`.ecr.${region}.amazonaws.com/pytorch-inference:`),
            ModelDataUrl: expect.stringContaining(`s3://${bucket}/`),
          },
        ],
      },
    });
  });

  test('is reused by the next one, which changes nothing', async () => {
    aws.operations();
    const second = await deploy({ regions: 'NA EU' });
    expect(ended(second)).toEqual({ status: 'reused', errors: [] });
    expect(second.outputs['model-package-arns']).toBe(first.outputs['model-package-arns']);
    expect(changing()).toEqual([]);
  });

  test('is promoted by approval-status: Approved, and keeps its metadata', async () => {
    const before = await describePackage(1);
    const second = await deploy({ regions: 'NA EU', 'approval-status': 'Approved' });
    expect(ended(second)).toEqual({ status: 'reused', errors: [] });
    const { CustomerMetadataProperties } = before;
    const approved = { ModelApprovalStatus: 'Approved' };
    expect(await describePackage(1)).toMatchObject({ ...approved, CustomerMetadataProperties });
    expect(await describePackage(1, 'eu-west-1')).toMatchObject(approved);
  });

  test('is made again with if-registered: again, as version 2', async () => {
    const second = await deploy({ 'if-registered': 'again' });
    expect(ended(second)).toEqual({ status: 'succeeded', errors: [] });
    expect(second.outputs['model-package-arn']).toBe(packageArn('us-east-1', 2));
  });

  test('is approved by mode: approve, by what the outputs name; reject-newer rolls back', async () => {
    const approve = (version: number) =>
      deploy({
        mode: 'approve',
        'config-path': '',
        'model-s3-path': '',
        'model-packages': JSON.stringify({ NA: { group: GROUP, version } }),
        'reject-newer': 'true',
      });
    expect(ended(await approve(2))).toEqual({ status: 'approved', errors: [] });
    expect(await describePackage(2)).toMatchObject({ ModelApprovalStatus: 'Approved' });
    expect(ended(await approve(1))).toEqual({ status: 'approved', errors: [] });
    expect(await describePackage(1)).toMatchObject({ ModelApprovalStatus: 'Approved' });
    expect(await describePackage(2)).toMatchObject({ ModelApprovalStatus: 'Rejected' });
  });

  test('asked moto for nothing that it does not have', () => {
    expect(aws.unknown).toEqual([]);
  });
});

suite('a deployment to moto that fails', () => {
  beforeEach(open);
  afterEach(close);

  test('is red with the step, its reason and the tail of the log in CloudWatch', async () => {
    writeFileSync(join(workspace, 'scripts', 'mims_package.py'), "print('about to fail')\nraise SystemExit(3)\n");
    const run = await deploy();
    expect(ended(run)).toEqual({
      status: 'failed',
      errors: [expect.stringContaining('PackagingStep failed: ClientError: AlgorithmError: , exit code: 3')],
    });
    expect(run.lines).toContainEqual(expect.stringContaining('about to fail'));
    expect(run.outputs['model-package-arns']).toBe('{}');
  });

  test('says the sentence that its container left', async () => {
    await aws.moto.s3('PUT', `${BUCKET}/releases/1.3.0/model.tar.gz`, Buffer.from('no archive'));
    const run = await deploy();
    expect(run.status).toBe('failed');
    expect(run.errors[0]?.message).toContain('model.tar.gz');
  });

  test('is told for one region where the other is registered', async () => {
    const config = JSON.parse(readFileSync(join(workspace, 'config.json'), 'utf8')) as Record<string, object>;
    Object.assign(config['base'] ?? {}, { regional_buckets: { EU: 'models-of-europe' } });
    writeFileSync(join(workspace, 'config.json'), JSON.stringify(config));
    const run = await deploy({ regions: 'NA EU' });
    expect(ended(run)).toEqual({
      status: 'failed',
      errors: [expect.stringContaining('The bucket models-of-europe does not exist')],
    });
    expect(JSON.parse(run.outputs['model-package-arns'] ?? '')).toEqual({ NA: packageArn('us-east-1', 1) });
  });
});
