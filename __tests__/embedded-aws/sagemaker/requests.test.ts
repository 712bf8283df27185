import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../embedded-aws/contracts.ts';
import { type Bench, openBench, refusal, role } from './harness.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => await bench.close());

const token = '0123456789abcdef0123456789abcdef';
const one = 'ValidationException: 1 validation error detected: ';
const pipelineName = '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}';

describe('a request is refused in AWS words', () => {
  test.each<[string, string, JsonObject, string]>([
    [
      'a missing member',
      'DescribePipeline',
      {},
      `${one}Value null at 'pipelineName' failed to satisfy constraint: Member must not be null`,
    ],
    [
      'null',
      'DescribePipeline',
      { PipelineName: null },
      `${one}Value null at 'pipelineName' failed to satisfy constraint: Member must not be null`,
    ],
    [
      'a character outside of the pattern',
      'DeletePipeline',
      { PipelineName: 'a.b', ClientRequestToken: token },
      `${one}Value 'a.b' at 'pipelineName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pipelineName}`,
    ],
    [
      'several at once',
      'DeletePipeline',
      { PipelineName: 'a_b', ClientRequestToken: 'short' },
      `ValidationException: 2 validation errors detected: Value 'a_b' at 'pipelineName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pipelineName}; ` +
        "Value 'short' at 'clientRequestToken' failed to satisfy constraint: Member must have length greater than or equal to 32",
    ],
    [
      'a number over its range',
      'ListModelPackages',
      { MaxResults: 101 },
      `${one}Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100`,
    ],
    [
      'a value outside of an enumeration',
      'ListModelPackages',
      { SortOrder: 'Up' },
      `${one}Value 'Up' at 'sortOrder' failed to satisfy constraint: Member must satisfy enum value set: [Ascending, Descending]`,
    ],
    [
      'an order that pipelines do not have',
      'ListPipelines',
      { SortBy: 'Status' },
      `${one}Value 'Status' at 'sortBy' failed to satisfy constraint: Member must satisfy enum value set: [Name, CreationTime]`,
    ],
    [
      'a filter of groups that is too long',
      'ListModelPackageGroups',
      { NameContains: 'x'.repeat(64) },
      `${one}Value '${'x'.repeat(64)}' at 'nameContains' failed to satisfy constraint: Member must have length less than or equal to 63`,
    ],
    [
      'no job to delete',
      'DeleteProcessingJob',
      {},
      `${one}Value null at 'processingJobName' failed to satisfy constraint: Member must not be null`,
    ],
    [
      'a member of a structure in a list',
      'CreateModelPackageGroup',
      { ModelPackageGroupName: 'g', Tags: [{ Key: 'a', Value: 'b' }, { Key: 'c' }] },
      `${one}Value null at 'tags.2.member.value' failed to satisfy constraint: Member must not be null`,
    ],
    [
      'a list that is too long',
      'CreateModelPackageGroup',
      { ModelPackageGroupName: 'g', Tags: [], ModelPackageGroupDescription: 'x'.repeat(1025) },
      `${one}Value '${'x'.repeat(1024)}...' at 'modelPackageGroupDescription' failed to satisfy constraint: Member must have length less than or equal to 1024`,
    ],
    [
      'a map value',
      'UpdateModelPackage',
      {
        ModelPackageArn: 'arn:aws:sagemaker:us-east-1:123456789012:model-package/g/1',
        CustomerMetadataProperties: { run: 'a&b' },
      },
      `${one}Value '{run=a&b}' at 'customerMetadataProperties' failed to satisfy constraint: Map value must satisfy constraint: ` +
        '[Member must satisfy regular expression pattern: ([\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@]*)${1,256}]',
    ],
    [
      'a value of another type',
      'ListModelPackages',
      { MaxResults: '5' },
      `SerializationException: 'maxResults' is "5"; expected a value of type integer`,
    ],
    [
      'a list for a string',
      'DescribePipeline',
      { PipelineName: [] },
      "SerializationException: 'pipelineName' is a list; expected a value of type string",
    ],
    [
      'an unknown operation',
      'CreateEndpoint',
      {},
      'UnknownOperationException: The embedded AWS does not know the operation CreateEndpoint of SageMaker.',
    ],
    [
      'a role that is none',
      'CreatePipeline',
      {
        PipelineName: 'p',
        ClientRequestToken: token,
        RoleArn: 'arn:aws:iam::123:role/SageMaker',
        PipelineDefinition: '{}',
      },
      `${one}Value 'arn:aws:iam::123:role/SageMaker' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: ` +
        'arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+',
    ],
    [
      'no definition at all',
      'CreatePipeline',
      { PipelineName: 'p', ClientRequestToken: token, RoleArn: role },
      'ValidationException: Either PipelineDefinition or PipelineDefinitionS3Location must be provided.',
    ],
    [
      'two definitions',
      'CreatePipeline',
      {
        PipelineName: 'p',
        ClientRequestToken: token,
        RoleArn: role,
        PipelineDefinition: '{}',
        PipelineDefinitionS3Location: { Bucket: 'models', ObjectKey: 'd.json' },
      },
      'ValidationException: Only one of PipelineDefinition and PipelineDefinitionS3Location can be provided.',
    ],
    [
      'a definition in S3 that is not there',
      'CreatePipeline',
      {
        PipelineName: 'p',
        ClientRequestToken: token,
        RoleArn: role,
        PipelineDefinitionS3Location: { Bucket: 'models', ObjectKey: 'd.json' },
      },
      'ValidationException: Could not read the pipeline definition at s3://models/d.json: no such object.',
    ],
    [
      'a page token of another list',
      'ListModelPackages',
      { NextToken: 'eA' },
      "ValidationException: The NextToken 'eA' is not one that this list gave out, or its item is gone by now.",
    ],
  ])('%s', async (_name, ...[operation, input, expected]) => {
    expect(await refusal(bench.call(operation, input))).toBe(expected);
  });
});

describe('what does not exist is named as AWS names it', () => {
  const arn = 'arn:aws:sagemaker:us-east-1:123456789012';
  test.each<[string, JsonObject, string]>([
    ['DescribePipeline', { PipelineName: 'p' }, `ResourceNotFound: Pipeline ${arn}:pipeline/p does not exist.`],
    [
      'DescribePipeline',
      { PipelineName: `${arn}:pipeline/q` },
      `ResourceNotFound: Pipeline ${arn}:pipeline/q does not exist.`,
    ],
    ['UpdatePipeline', { PipelineName: 'p' }, `ResourceNotFound: Pipeline ${arn}:pipeline/p does not exist.`],
    [
      'DeletePipeline',
      { PipelineName: 'p', ClientRequestToken: token },
      `ResourceNotFound: Pipeline ${arn}:pipeline/p does not exist.`,
    ],
    [
      'StartPipelineExecution',
      { PipelineName: 'p', ClientRequestToken: token },
      `ResourceNotFound: Pipeline ${arn}:pipeline/p does not exist.`,
    ],
    ['ListPipelineExecutions', { PipelineName: 'p' }, `ResourceNotFound: Pipeline ${arn}:pipeline/p does not exist.`],
    [
      'DescribePipelineExecution',
      { PipelineExecutionArn: `${arn}:pipeline/p/execution/x` },
      `ResourceNotFound: Pipeline execution ${arn}:pipeline/p/execution/x does not exist.`,
    ],
    [
      'DescribeModelPackage',
      { ModelPackageName: `${arn}:model-package/g/1` },
      `ValidationException: ModelPackage ${arn}:model-package/g/1 does not exist.`,
    ],
    [
      'DescribeModelPackageGroup',
      { ModelPackageGroupName: 'g' },
      `ValidationException: ModelPackageGroup ${arn}:model-package-group/g does not exist.`,
    ],
    [
      'ListModelPackages',
      { ModelPackageGroupName: 'g' },
      `ValidationException: ModelPackageGroup ${arn}:model-package-group/g does not exist.`,
    ],
    ['DescribeModel', { ModelName: 'm' }, `ValidationException: Could not find model "${arn}:model/m".`],
    [
      'DescribeProcessingJob',
      { ProcessingJobName: 'j' },
      'ResourceNotFound: Could not find requested job with name: j',
    ],
    ['DeleteProcessingJob', { ProcessingJobName: 'j' }, 'ResourceNotFound: Could not find requested job with name: j'],
    [
      'ListTags',
      { ResourceArn: `${arn}:pipeline/p` },
      `ValidationException: The resource ${arn}:pipeline/p does not exist in us-east-1.`,
    ],
  ])('%s %j', async (operation, input, expected) => {
    expect(await refusal(bench.call(operation, input))).toBe(expected);
  });
});
