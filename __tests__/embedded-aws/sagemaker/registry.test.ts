import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../embedded-aws/contracts.ts';
import { type Bench, image, openBench, refusal } from './harness.ts';
import { registerStep } from './pipelines-fixture.ts';

const groupArn = 'arn:aws:sagemaker:us-east-1:123456789012:model-package-group/group';
const packageArn = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/group';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
  await bench.put('s3://models/model.tar.gz', 'weights');
  await bench.put('s3://models/model.zip', 'weights');
  await bench.store.createBucket('far', 'eu-west-1');
  await bench.put('s3://far/model.tar.gz', 'weights');
  await bench.call('CreateModelPackageGroup', {
    ModelPackageGroupName: 'group',
    Tags: [{ Key: 'team', Value: 'bsm' }],
  });
});
afterEach(async () => await bench.close());

function packageInput(more: JsonObject = {}, url = 's3://models/model.tar.gz'): JsonObject {
  return { ...(registerStep(url)['Arguments'] as JsonObject), ...more };
}

const register = async (more: JsonObject = {}) => await bench.call('CreateModelPackage', packageInput(more));

test('a version says what was registered, and what SageMaker found out itself', async () => {
  await register({
    ModelPackageDescription: 'first',
    CustomerMetadataProperties: { owner: 'bsm' },
    SamplePayloadUrl: 's3://models/model.tar.gz',
    MetadataProperties: { CommitId: 'abc' },
  });
  const described = await bench.call('DescribeModelPackage', { ModelPackageName: `${packageArn}/1` });
  expect(described).toEqual({
    ModelPackageGroupName: 'group',
    ModelPackageVersion: 1,
    ModelPackageArn: `${packageArn}/1`,
    ModelPackageDescription: 'first',
    CreationTime: expect.any(Number),
    CreatedBy: { IamIdentity: { Arn: 'arn:aws:iam::123456789012:user/embedded', PrincipalId: 'AKIATEST' } },
    InferenceSpecification: {
      Containers: [
        {
          Image: image,
          ModelDataUrl: 's3://models/model.tar.gz',
          ModelDataETag: bench.store.head('models', 'model.tar.gz')?.etag ?? null,
        },
      ],
      SupportedContentTypes: ['text/csv'],
      SupportedResponseMIMETypes: ['application/json'],
    },
    SamplePayloadUrl: 's3://models/model.tar.gz',
    CustomerMetadataProperties: { owner: 'bsm' },
    MetadataProperties: { CommitId: 'abc' },
    ModelApprovalStatus: 'PendingManualApproval',
    ModelPackageStatus: 'Completed',
    ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
    CertifyForMarketplace: false,
  });
});

test('versions count up and are not given out again', async () => {
  const arns = [await register(), await register()].map((answer) => answer['ModelPackageArn']);
  await bench.call('DeleteModelPackage', { ModelPackageName: `${packageArn}/2` });
  arns.push((await register())['ModelPackageArn']);
  expect(arns).toEqual([1, 2, 3].map((version) => `${packageArn}/${version}`));
  expect(await refusal(bench.call('DescribeModelPackage', { ModelPackageName: `${packageArn}/2` }))).toBe(
    `ValidationException: ModelPackage ${packageArn}/2 does not exist.`,
  );
});

test('a client token registers once; with another request it is a conflict', async () => {
  const twice = [await register({ ClientToken: 'a' }), await register({ ClientToken: 'a' })];
  expect(twice).toEqual([{ ModelPackageArn: `${packageArn}/1` }, { ModelPackageArn: `${packageArn}/1` }]);
  expect(await refusal(register({ ClientToken: 'a', ModelPackageDescription: 'other' }))).toMatch(
    /^ConflictException: The ClientToken 'a' was used before/,
  );
});

describe('CreateModelPackage refuses', () => {
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v']));
  test.each<[string, JsonObject, string | undefined, RegExp]>([
    [
      'a group that is not there',
      { ModelPackageGroupName: 'none' },
      undefined,
      /ModelPackageGroup arn:aws:sagemaker:us-east-1:123456789012:model-package-group\/none does not exist\.$/,
    ],
    [
      'tags on a version',
      { Tags: [{ Key: 'a', Value: 'b' }] },
      undefined,
      /Tags cannot be given for a versioned model package/,
    ],
    ['a name and a group', { ModelPackageName: 'x' }, undefined, /give exactly one of them/],
    [
      '51 metadata entries',
      { CustomerMetadataProperties: many },
      undefined,
      /Member must have length less than or equal to 50/,
    ],
    [
      'an archive that is not there',
      {},
      's3://models/none.tar.gz',
      /Could not find model data at s3:\/\/models\/none\.tar\.gz/,
    ],
    ['a bucket that is not there', {}, 's3://none/model.tar.gz', /there is no bucket none/],
    ['a prefix', {}, 's3://models/', /is not the URI of an S3 object/],
    ['another suffix', {}, 's3://models/model.zip', /must point to a single gzip compressed tar archive/],
    [
      'a bucket of another region',
      {},
      's3://far/model.tar.gz',
      /is in a bucket of eu-west-1; it must be in an S3 bucket of the same region \(us-east-1\)/,
    ],
    [
      'a payload that is not there',
      { SamplePayloadUrl: 's3://models/p.tar.gz' },
      undefined,
      /SamplePayloadUrl: the bucket has no such object/,
    ],
    [
      'a value with an ampersand',
      { CustomerMetadataProperties: { a: 'b&c' } },
      undefined,
      /Map value must satisfy constraint/,
    ],
  ])('%s', async (_name, ...[more, url, message]) => {
    const answer = await refusal(bench.call('CreateModelPackage', packageInput(more, url)));
    expect(answer).toMatch(/^ValidationException: /);
    expect(answer).toMatch(message);
    expect(await bench.call('ListModelPackages', { ModelPackageGroupName: 'group' })).toEqual({
      ModelPackageSummaryList: [],
    });
  });
});

test('a group of another account takes versions by its ARN', async () => {
  const other = { accountId: '999999999999' };
  await bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'shared' }, other);
  const shared = 'arn:aws:sagemaker:us-east-1:999999999999:model-package-group/shared';
  expect(await register({ ModelPackageGroupName: shared })).toEqual({
    ModelPackageArn: 'arn:aws:sagemaker:us-east-1:999999999999:model-package/shared/1',
  });
});

test('regions know nothing of each other', async () => {
  const eu = { region: 'eu-west-1' };
  expect(await refusal(bench.call('DescribeModelPackageGroup', { ModelPackageGroupName: 'group' }, eu))).toBe(
    'ValidationException: ModelPackageGroup arn:aws:sagemaker:eu-west-1:123456789012:model-package-group/group does not exist.',
  );
  expect(await bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' }, eu)).toEqual({
    ModelPackageGroupArn: 'arn:aws:sagemaker:eu-west-1:123456789012:model-package-group/group',
  });
});

test('an update approves, merges metadata and removes some', async () => {
  await register({ CustomerMetadataProperties: { a: '1', b: '2' } });
  await bench.call('UpdateModelPackage', {
    ModelPackageArn: `${packageArn}/1`,
    ModelApprovalStatus: 'Approved',
    ApprovalDescription: 'looks good',
    CustomerMetadataProperties: { c: '3' },
    CustomerMetadataPropertiesToRemove: ['a'],
  });
  expect(await bench.call('DescribeModelPackage', { ModelPackageName: `${packageArn}/1` })).toMatchObject({
    ModelApprovalStatus: 'Approved',
    ApprovalDescription: 'looks good',
    CustomerMetadataProperties: { b: '2', c: '3' },
    LastModifiedTime: expect.any(Number),
  });
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, 'v']));
  const update = { ModelPackageArn: `${packageArn}/1`, CustomerMetadataProperties: many };
  expect(await refusal(bench.call('UpdateModelPackage', update))).toBe(
    `ValidationException: ${packageArn}/1 would have 52 customer metadata properties; the limit is 50.`,
  );
});

test('versions are listed by page, status and order', async () => {
  for (const ModelApprovalStatus of ['Approved', 'Rejected', 'Approved']) await register({ ModelApprovalStatus });
  const versions = async (input: JsonObject) => {
    const answer = await bench.call('ListModelPackages', { ModelPackageGroupName: 'group', ...input });
    const list = answer['ModelPackageSummaryList'] as JsonObject[];
    return { versions: list.map((item) => item['ModelPackageVersion']), token: answer['NextToken'] };
  };
  expect(await versions({})).toEqual({ versions: [1, 2, 3], token: undefined });
  expect(await versions({ SortOrder: 'Descending' })).toEqual({ versions: [3, 2, 1], token: undefined });
  expect(await versions({ ModelApprovalStatus: 'Approved' })).toEqual({ versions: [1, 3], token: undefined });
  const first = await versions({ MaxResults: 2 });
  expect(first.versions).toEqual([1, 2]);
  expect(await versions({ MaxResults: 2, NextToken: first.token ?? null })).toEqual({
    versions: [3],
    token: undefined,
  });
});

test('a group is made once', async () => {
  expect(await refusal(bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' }))).toBe(
    `ValidationException: Model Package Group already exists: ${groupArn}`,
  );
});

test.each<[string, JsonObject, string[]]>([
  ['in the order of their creation', {}, ['group', 'b', 'a']],
  ['by name', { SortBy: 'Name', SortOrder: 'Descending' }, ['group', 'b', 'a']],
  ['by a part of their names', { NameContains: 'rou' }, ['group']],
  ['a page at a time', { MaxResults: 1, SortOrder: 'Descending' }, ['a']],
  ['of other accounts apart', { CrossAccountFilterOption: 'CrossAccount' }, []],
])('groups are listed %s', async (_name, input, wanted) => {
  for (const ModelPackageGroupName of ['b', 'a'])
    await bench.call('CreateModelPackageGroup', { ModelPackageGroupName });
  const { ModelPackageGroupSummaryList } = await bench.call('ListModelPackageGroups', input);
  const names = (ModelPackageGroupSummaryList as JsonObject[]).map((one) => one['ModelPackageGroupName']);
  expect(names).toEqual(wanted);
});

describe('tags', () => {
  const tags = async () => (await bench.call('ListTags', { ResourceArn: groupArn }))['Tags'];

  test('are added and overwritten by key', async () => {
    await bench.call('AddTags', {
      ResourceArn: groupArn,
      Tags: [
        { Key: 'team', Value: 'rnr' },
        { Key: 'x', Value: '' },
      ],
    });
    expect(await tags()).toEqual([
      { Key: 'team', Value: 'rnr' },
      { Key: 'x', Value: '' },
    ]);
    await bench.call('AddTags', { ResourceArn: groupArn, Tags: [{ Key: 'team', Value: 'other' }] });
    expect(await tags()).toEqual([
      { Key: 'x', Value: '' },
      { Key: 'team', Value: 'other' },
    ]);
  });

  test.each<[string, JsonObject[], RegExp]>([
    [
      'a key twice',
      [
        { Key: 'a', Value: '1' },
        { Key: 'a', Value: '2' },
      ],
      /Duplicate tag keys found: 'a'/,
    ],
    ["AWS's prefix", [{ Key: 'aws:x', Value: '1' }], /reserved for AWS/],
    [
      'a 51st',
      Array.from({ length: 50 }, (_, n) => ({ Key: `k${n}`, Value: '' })),
      /would have 51 tags; the limit is 50/,
    ],
  ])('refuse %s', async (_name, given, message) => {
    expect(await refusal(bench.call('AddTags', { ResourceArn: groupArn, Tags: given }))).toMatch(message);
    expect(await tags()).toEqual([{ Key: 'team', Value: 'bsm' }]);
  });

  test('are not for versions', async () => {
    await register();
    const input = { ResourceArn: `${packageArn}/1`, Tags: [{ Key: 'a', Value: 'b' }] };
    expect(await refusal(bench.call('AddTags', input))).toMatch(
      /is a versioned model package, which takes no tags of its own/,
    );
  });
});

test('a package without a group has a name, tags and no approval', async () => {
  const { ModelPackageGroupName: _group, ...input } = packageInput({
    ModelPackageName: 'alone',
    Tags: [{ Key: 'a', Value: 'b' }],
  });
  const arn = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/alone';
  expect(await bench.call('CreateModelPackage', input)).toEqual({ ModelPackageArn: arn });
  expect(await bench.call('ListTags', { ResourceArn: arn })).toEqual({ Tags: [{ Key: 'a', Value: 'b' }] });
  const listed = await bench.call('ListModelPackages', {});
  expect(listed['ModelPackageSummaryList']).toEqual([
    {
      ModelPackageName: 'alone',
      ModelPackageArn: arn,
      CreationTime: expect.any(Number),
      ModelPackageStatus: 'Completed',
    },
  ]);
});
