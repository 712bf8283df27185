import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { clientOptions, errorOf, rawRequest, refusalOf, useEmbeddedAws } from '../support.ts';

const running = useEmbeddedAws();

function create(region: string, Bucket: string, constraint?: string): Promise<unknown> {
  const CreateBucketConfiguration = { LocationConstraint: constraint as 'eu-west-1' };
  const options = constraint === undefined ? { Bucket } : { Bucket, CreateBucketConfiguration };
  return running().s3(region).send(new CreateBucketCommand(options));
}

describe('buckets', () => {
  test('are made in the region of the request', async () => {
    await create('us-east-1', 'made-na');
    await create('eu-west-1', 'made-eu', 'eu-west-1');
    await create('us-east-1', 'made-fe', 'us-west-2');
    const { store } = running().aws;
    expect(['made-na', 'made-eu', 'made-fe'].map((name) => store.bucketRegion(name))).toEqual([
      'us-east-1',
      'eu-west-1',
      'us-west-2',
    ]);
  });

  test.each([
    ['a name in capitals', 'us-east-1', 'Capital-Bucket', undefined, 'InvalidBucketName', 400],
    ['a name of two characters', 'us-east-1', 'ab', undefined, 'InvalidBucketName', 400],
    ['a name that is an address', 'us-east-1', '10.0.0.1', undefined, 'InvalidBucketName', 400],
    ['a name with two dots', 'us-east-1', 'a..b', undefined, 'InvalidBucketName', 400],
    ['no location outside us-east-1', 'eu-west-1', 'x-eu', '', 'IllegalLocationConstraintException', 400],
    ['the location of another region', 'eu-west-1', 'x-eu', 'us-west-2', 'IllegalLocationConstraintException', 400],
    ['us-east-1 as a location', 'us-east-1', 'x-na', 'us-east-1', 'InvalidLocationConstraint', 400],
    ['one that is there already', 'eu-west-1', 'models-eu', 'eu-west-1', 'BucketAlreadyOwnedByYou', 409],
  ])('are not made with %s', async (...[, region, name, constraint, code, status]) => {
    const body =
      constraint === undefined || constraint === ''
        ? ''
        : `<CreateBucketConfiguration><LocationConstraint>${constraint}</LocationConstraint></CreateBucketConfiguration>`;
    const response = await rawRequest(`${running().aws.url}/${name}`, { method: 'PUT', region, body });
    expect(errorOf(response)).toEqual({ code, status });
  });

  test('in us-east-1 may be made twice', async () => {
    await create('us-east-1', 'made-twice');
    await expect(create('us-east-1', 'made-twice')).resolves.toBeDefined();
  });
});

describe('a bucket of another region', () => {
  test('redirects, and says in a header where it is', async () => {
    const { url } = running().aws;
    const head = await rawRequest(`${url}/models-eu`, { method: 'HEAD' });
    const list = await rawRequest(`${url}/models-eu?list-type=2`);
    expect([head.status, head.headers.get('x-amz-bucket-region'), head.text]).toEqual([301, 'eu-west-1', '']);
    expect([errorOf(list), list.headers.get('x-amz-bucket-region')]).toEqual([
      { code: 'PermanentRedirect', status: 301 },
      'eu-west-1',
    ]);
  });

  test('is found by a client that follows redirects', async () => {
    const s3 = new S3Client({ ...clientOptions(running().aws.url), followRegionRedirects: true });
    const head = await s3.send(new HeadBucketCommand({ Bucket: 'models-eu' }));
    s3.destroy();
    expect(head.BucketRegion).toBe('eu-west-1');
  });
});

test('a bucket of another owner is refused', async () => {
  const head = (ExpectedBucketOwner: string) =>
    running()
      .s3()
      .send(new HeadBucketCommand({ Bucket: 'models', ExpectedBucketOwner }));
  expect((await head('123456789012')).BucketRegion).toBe('us-east-1');
  expect((await refusalOf(head('999999999999'))).status).toBe(403);
});
