import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import { CopyObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { refusalOf, useEmbeddedAws } from '../support.ts';

const running = useEmbeddedAws();
const Bucket = 'models';
const SOURCE = 'releases/1.0/model größe+1.tar.gz';

async function putSource(): Promise<void> {
  const source = { Bucket, Key: SOURCE, Body: 'model', ContentType: 'application/gzip', Metadata: { sha: 'abc' } };
  await running().s3().send(new PutObjectCommand(source));
}

function copy(options: Partial<CopyObjectCommandInput>, region?: string) {
  const CopySource = `${Bucket}/${encodeURIComponent(SOURCE)}`;
  return running()
    .s3(region)
    .send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource, ...options }));
}

describe('a copy', () => {
  test('has the content, type and metadata of its source', async () => {
    await putSource();
    await copy({});
    const got = await running()
      .s3()
      .send(new GetObjectCommand({ Bucket, Key: 'copy' }));
    expect([await got.Body?.transformToString(), got.ContentType, got.Metadata]).toEqual([
      'model',
      'application/gzip',
      { sha: 'abc' },
    ]);
  });

  test('may have metadata of its own', async () => {
    await putSource();
    await copy({ MetadataDirective: 'REPLACE', Metadata: { new: 'yes' }, ContentType: 'text/plain' });
    const head = await running()
      .s3()
      .send(new HeadObjectCommand({ Bucket, Key: 'copy' }));
    expect([head.Metadata, head.ContentType]).toEqual([{ new: 'yes' }, 'text/plain']);
  });

  test('goes to another region by a request to that region', async () => {
    await putSource();
    await copy({ Bucket: 'models-eu', Key: 'here', ExpectedSourceBucketOwner: '123456789012' }, 'eu-west-1');
    const got = await running()
      .s3('eu-west-1')
      .send(new GetObjectCommand({ Bucket: 'models-eu', Key: 'here' }));
    expect(await got.Body?.transformToString()).toBe('model');
  });

  test('does not change when its source does', async () => {
    await putSource();
    await copy({ Key: 'kept' });
    await running()
      .s3()
      .send(new PutObjectCommand({ Bucket, Key: SOURCE, Body: 'another' }));
    const got = await running()
      .s3()
      .send(new GetObjectCommand({ Bucket, Key: 'kept' }));
    expect(await got.Body?.transformToString()).toBe('model');
  });

  test.each([
    ['a source that is not there', { CopySource: 'models/nothing' }, 'NoSuchKey', 404],
    ['a bucket that is not there', { CopySource: 'nowhere/key' }, 'NoSuchBucket', 404],
    ['a source that names no key', { CopySource: 'models' }, 'InvalidArgument', 400],
    ['another owner of the source', { ExpectedSourceBucketOwner: '999999999999' }, 'AccessDenied', 403],
    ['another owner of the target', { ExpectedBucketOwner: '999999999999' }, 'AccessDenied', 403],
    ['another ETag of the source', { CopySourceIfMatch: '"other"' }, 'PreconditionFailed', 412],
    ['itself as the target, unchanged', { Key: SOURCE }, 'InvalidRequest', 400],
  ])('is refused with %s', async (...[, options, code, status]) => {
    await putSource();
    expect(await refusalOf(copy(options))).toEqual({ code, status });
  });

  test('is encrypted by a key of its own region only', async () => {
    await putSource();
    const key = (region: string) => `arn:aws:kms:${region}:123456789012:key/11111111-2222-3333-4444-555555555555`;
    const encrypted = (region: string) =>
      copy({ Key: 'encrypted', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key(region) });
    expect((await encrypted('us-east-1')).SSEKMSKeyId).toBe(key('us-east-1'));
    expect((await refusalOf(encrypted('eu-west-1'))).code).toBe('KMS.NotFoundException');
  });
});
