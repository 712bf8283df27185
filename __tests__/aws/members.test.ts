import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createAws } from '../../src/aws/sdk/index.ts';
import type { Aws } from '../../src/aws/types.ts';

const ARN = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1';
const EXECUTION = 'arn:aws:sagemaker:us-east-1:123456789012:pipeline/p/execution/e';
const PACKAGE = { ModelPackageArn: ARN, ModelPackageStatus: 'Completed', ModelPackageVersion: 1 };

let server: Server | undefined;
let requests = 0;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

/** An AWS that answers everything with the same document, or something between us and AWS. */
async function answering(document: object | string, status = 200): Promise<Aws> {
  requests = 0;
  server = createServer((request, response) => {
    requests += 1;
    const body = typeof document === 'string' ? document : JSON.stringify(document);
    request.resume().on('end', () => response.writeHead(status).end(body));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  return createAws();
}

const describePackage = (aws: Aws) => aws.registry('us-east-1').describe(ARN);
const setApproval = (aws: Aws) => aws.registry('us-east-1').setApproval(ARN, 'Approved', 'why');
const steps = ({ pipelines }: Aws) => pipelines.steps(EXECUTION);

describe('an answer with a member of another type, or without one that is always there', () => {
  test.each<[string, object, (aws: Aws) => Promise<unknown>]>([
    ['metadata that are no text', { ...PACKAGE, CustomerMetadataProperties: { git_commit: 5 } }, describePackage],
    ['metadata in a metadatum', { ...PACKAGE, CustomerMetadataProperties: { git_commit: {} } }, describePackage],
    ['an approval that is a number', { ...PACKAGE, ModelApprovalStatus: 7 }, describePackage],
    ['a version that is no number of one', { ...PACKAGE, ModelPackageVersion: 1e308 }, describePackage],
    ['a group that is an object', { ...PACKAGE, ModelPackageGroupName: {} }, describePackage],
    ['an approval that was set, without its ARN', {}, setApproval],
    ['metadata that were added, without an ARN', {}, (aws) => aws.registry('us-east-1').addMetadata(ARN, {})],
    ['a group that was made, without its ARN', {}, (aws) => aws.registry('us-east-1').createGroup('g', 'd', {})],
    ['a stop without its ARN', {}, ({ pipelines }) => pipelines.stop(EXECUTION)],
    [
      'a reason that is an object',
      { PipelineExecutionStatus: 'Failed', FailureReason: {} },
      ({ pipelines }) => pipelines.execution(EXECUTION),
    ],
    ['a step whose ARN is a number', { PipelineExecutionSteps: [step({ Metadata: { Model: { Arn: 5 } } })] }, steps],
    ['a step whose reason is a list', { PipelineExecutionSteps: [step({ FailureReason: ['x'] })] }, steps],
  ])('is no answer of AWS, and asked for again: %s', async (_what, document, call) => {
    const aws = await answering(document);
    await expect(call(aws)).rejects.toMatchObject({
      code: 'aws-error',
      message: expect.stringContaining('AWS answered'),
    });
    expect([requests, aws.requestsMade()]).toEqual([4, 4]);
  });
});

test.each([500, 502, 503])(
  'a fault of a server in words of its own is repeated by the SDK alone: %d',
  async (status) => {
    const aws = await answering('<html>Bad gateway</html>', status);
    await expect(steps(aws)).rejects.toMatchObject({
      code: 'aws-error',
      message: expect.stringMatching(
        new RegExp(`^Could not list the steps of \\S+: the answer is none of AWS \\(HTTP ${status}\\): .*<html>Bad`),
      ),
    });
    expect([requests, aws.requestsMade()]).toEqual([4, 4]);
  },
);

function step(more: object): object {
  return { StepName: 'PackagingStep', StepStatus: 'Failed', ...more };
}
