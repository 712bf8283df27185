import { CopyObjectCommand, DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { refusalOf, useEmbeddedAws } from '../support.ts';

const running = useEmbeddedAws();
const Bucket = 'models';

function put(Key: string, Body: string, condition: { IfNoneMatch?: string; IfMatch?: string } = {}) {
  return running()
    .s3()
    .send(new PutObjectCommand({ Bucket, Key, Body, ...condition }));
}

async function read(Key: string): Promise<string | undefined> {
  const { Body } = await running().s3().send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToString();
}

describe('a conditional put', () => {
  test('with If-None-Match makes an object once', async () => {
    await put('claim', 'first', { IfNoneMatch: '*' });
    const second = await refusalOf(put('claim', 'second', { IfNoneMatch: '*' }));
    expect([second, await read('claim')]).toEqual([{ code: 'PreconditionFailed', status: 412 }, 'first']);
  });

  test('is won by one of many that come at once', async () => {
    const writers = Array.from({ length: 20 }, (_, index) => put('race', `writer ${index}`, { IfNoneMatch: '*' }));
    const outcomes = await Promise.allSettled(writers);
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await read('race')).toBe(`writer ${winner}`);
  });

  test('with If-Match replaces only what the writer has seen', async () => {
    const { ETag = '' } = await put('stale', 'one');
    await put('stale', 'two', { IfMatch: ETag });
    const late = await refusalOf(put('stale', 'three', { IfMatch: ETag }));
    expect([late, await read('stale')]).toEqual([{ code: 'PreconditionFailed', status: 412 }, 'two']);
  });

  test('with If-Match finds nothing where there is no object', async () => {
    expect(await refusalOf(put('absent', 'x', { IfMatch: '"abc"' }))).toEqual({ code: 'NoSuchKey', status: 404 });
  });

  test('may be made again after the object was deleted', async () => {
    await put('again', 'one', { IfNoneMatch: '*' });
    await running()
      .s3()
      .send(new DeleteObjectCommand({ Bucket, Key: 'again' }));
    await put('again', 'two', { IfNoneMatch: '*' });
    expect(await read('again')).toBe('two');
  });

  test('with an entity tag in If-None-Match is not implemented, as in S3', async () => {
    expect(await refusalOf(put('claim', 'x', { IfNoneMatch: '"abc"' }))).toEqual({
      code: 'NotImplemented',
      status: 501,
    });
  });
});

describe('a conditional read', () => {
  const past = new Date('2020-01-01T00:00:00Z');
  const future = new Date('2099-01-01T00:00:00Z');
  test.each([
    ['If-Match of another', { IfMatch: '"other"' }, 412],
    ['If-None-Match of this one', { IfNoneMatch: '*' }, 304],
    ['If-Modified-Since of later', { IfModifiedSince: future }, 304],
    ['If-Unmodified-Since of earlier', { IfUnmodifiedSince: past }, 412],
  ])('with %s is refused', async (_, condition, status) => {
    await put('read', 'text');
    const got = running()
      .s3()
      .send(new GetObjectCommand({ Bucket, Key: 'read', ...condition }));
    expect((await refusalOf(got)).status).toBe(status);
  });

  test('that holds is answered', async () => {
    const { ETag } = await put('read', 'text');
    const conditions = { IfMatch: ETag, IfNoneMatch: '"other"', IfModifiedSince: past };
    const got = await running()
      .s3()
      .send(new GetObjectCommand({ Bucket, Key: 'read', ...conditions }));
    expect(await got.Body?.transformToString()).toBe('text');
  });
});

test('a conditional copy is refused when its source is another', async () => {
  await put('source', 'text');
  const copy = (CopySourceIfMatch: string) =>
    running()
      .s3()
      .send(new CopyObjectCommand({ Bucket, Key: 'copied', CopySource: `${Bucket}/source`, CopySourceIfMatch }));
  expect(await refusalOf(copy('"other"'))).toEqual({ code: 'PreconditionFailed', status: 412 });
});
