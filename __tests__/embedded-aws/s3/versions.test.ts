import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { refusalOf, useEmbeddedAws } from '../support.ts';

const running = useEmbeddedAws();
const Bucket = 'versioned';

beforeAll(async () => {
  const s3 = running().s3();
  await running().aws.store.createBucket(Bucket, 'us-east-1');
  await s3.send(new PutObjectCommand({ Bucket, Key: 'before', Body: 'unversioned' }));
  await running().aws.store.createBucket(Bucket, 'us-east-1', { versioned: true });
});

async function put(Key: string, Body: string): Promise<string> {
  return (await running().s3().send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId ?? '';
}

async function read(Key: string, VersionId?: string): Promise<string | undefined> {
  const { Body } = await running().s3().send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return Body?.transformToString();
}

describe('a bucket with versioning', () => {
  test('keeps every version of an object', async () => {
    const one = await put('model', 'one');
    const two = await put('model', 'two');
    expect([await read('model', one), await read('model', two), await read('model')]).toEqual(['one', 'two', 'two']);
  });

  test('keeps what was there before as version null', async () => {
    await put('before', 'versioned');
    expect(await read('before', 'null')).toBe('unversioned');
  });

  test('hides a deleted object behind a marker, and shows it again without', async () => {
    const s3 = running().s3();
    const version = await put('hidden', 'text');
    const deleted = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'hidden' }));
    expect([deleted.DeleteMarker, await refusalOf(read('hidden')), await read('hidden', version)]).toEqual([
      true,
      { code: 'NoSuchKey', status: 404 },
      'text',
    ]);
    expect(await refusalOf(read('hidden', deleted.VersionId))).toEqual({ code: 'MethodNotAllowed', status: 405 });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'hidden', VersionId: deleted.VersionId }));
    expect(await read('hidden')).toBe('text');
  });

  test('deletes a version for good when it is named', async () => {
    const one = await put('pruned', 'one');
    await put('pruned', 'two');
    await running()
      .s3()
      .send(new DeleteObjectCommand({ Bucket, Key: 'pruned', VersionId: one }));
    expect([await refusalOf(read('pruned', one)), await read('pruned')]).toEqual([
      { code: 'NoSuchVersion', status: 404 },
      'two',
    ]);
  });

  test('knows no version id of another shape', async () => {
    await put('model', 'one');
    expect(await refusalOf(read('model', 'short'))).toEqual({ code: 'InvalidArgument', status: 400 });
  });
});
