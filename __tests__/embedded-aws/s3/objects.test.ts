import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { refusalOf, useEmbeddedAws } from '../support.ts';

const running = useEmbeddedAws();
const Bucket = 'models';

async function read(Key: string, options: { Range?: string } = {}): Promise<string> {
  const { Body } = await running()
    .s3()
    .send(new GetObjectCommand({ Bucket, Key, ...options }));
  return (await Body?.transformToString()) ?? '';
}

describe('objects', () => {
  test('come back as they were put, with their type, metadata and encryption', async () => {
    const s3 = running().s3();
    const put = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'plain',
        Body: 'hello',
        ContentType: 'text/plain',
        CacheControl: 'no-cache',
        Metadata: { Origin: 'train 7' },
      }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'plain' }));
    expect(put.ETag).toBe(`"${createHash('md5').update('hello').digest('hex')}"`);
    expect({
      body: await got.Body?.transformToString(),
      type: got.ContentType,
      cache: got.CacheControl,
      metadata: got.Metadata,
      encryption: got.ServerSideEncryption,
      size: got.ContentLength,
      etag: got.ETag,
      version: got.VersionId,
    }).toEqual({
      body: 'hello',
      type: 'text/plain',
      cache: 'no-cache',
      metadata: { origin: 'train 7' },
      encryption: 'AES256',
      size: 5,
      etag: put.ETag,
      version: undefined,
    });
  });

  test.each([
    ['a blank and a plus', 'odd/a b+c'],
    ['a percent sign', 'odd/100%25.txt'],
    ['letters beyond ASCII', 'odd/größe/模型/🚀'],
    ['empty path parts', 'odd//double//'],
    ['a trailing slash', 'odd/folder/'],
    ['dots that are no path', 'odd/../up/./here'],
    ['characters that XML escapes', `odd/<&>"'`],
    ['a question mark and a hash', 'odd/what?versionId=1#top'],
    ['a leading slash', '/odd'],
  ])('may have a key with %s', async (_, Key) => {
    const s3 = running().s3();
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key }));
    expect(await read(Key)).toBe(Key);
    expect(listed.Contents?.map((entry) => entry.Key)).toEqual([Key]);
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(await refusalOf(read(Key))).toEqual({ code: 'NoSuchKey', status: 404 });
  });

  test('of many megabytes are streamed both ways and verified by the client', async () => {
    const s3 = running().s3();
    const bytes = Buffer.alloc(24 * 1024 * 1024, 'model ');
    const Body = Readable.from([bytes.subarray(0, 1000), bytes.subarray(1000)]);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'large', Body, ContentLength: bytes.length }));
    const { Body: answer } = await s3.send(new GetObjectCommand({ Bucket, Key: 'large' }));
    const hash = createHash('sha256');
    for await (const chunk of answer as Readable) hash.update(chunk as Buffer);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('may be empty', async () => {
    const s3 = running().s3();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: new Uint8Array() }));
    expect([
      await read('empty'),
      (await s3.send(new HeadObjectCommand({ Bucket, Key: 'empty' }))).ContentLength,
    ]).toEqual(['', 0]);
  });

  test('are overwritten as a whole', async () => {
    const s3 = running().s3();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'twice', Body: 'first', Metadata: { a: '1' } }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'twice', Body: 'second' }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'twice' }));
    expect([await got.Body?.transformToString(), got.Metadata]).toEqual(['second', {}]);
  });
});

describe('ranges', () => {
  test.each([
    ['a first and a last byte', 'bytes=2-4', '234', 'bytes 2-4/10'],
    ['an open end', 'bytes=7-', '789', 'bytes 7-9/10'],
    ['the last bytes', 'bytes=-3', '789', 'bytes 7-9/10'],
    ['more last bytes than there are', 'bytes=-99', '0123456789', 'bytes 0-9/10'],
    ['an end beyond the object', 'bytes=8-99', '89', 'bytes 8-9/10'],
    ['several ranges: the whole object', 'bytes=0-1,3-4', '0123456789', undefined],
  ])('may name %s', async (...[, Range, body, contentRange]) => {
    const s3 = running().s3();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'digits', Range }));
    expect([await got.Body?.transformToString(), got.ContentRange]).toEqual([body, contentRange]);
  });

  test.each([['bytes=10-'], ['bytes=-0']])('that hold nothing (%s) are refused', async (Range) => {
    await running()
      .s3()
      .send(new PutObjectCommand({ Bucket, Key: 'digits', Body: '0123456789' }));
    expect(await refusalOf(read('digits', { Range }))).toEqual({ code: 'InvalidRange', status: 416 });
  });
});

describe('what is not there', () => {
  test.each([
    ['an object', new GetObjectCommand({ Bucket, Key: 'nothing' }), { code: 'NoSuchKey', status: 404 }],
    ['the head of an object', new HeadObjectCommand({ Bucket, Key: 'nothing' }), { code: 'NotFound', status: 404 }],
    ['a bucket', new GetObjectCommand({ Bucket: 'nowhere', Key: 'x' }), { code: 'NoSuchBucket', status: 404 }],
  ])('is said to be missing: %s', async (_, command, expected) => {
    expect(
      await refusalOf(
        running()
          .s3()
          .send(command as GetObjectCommand),
      ),
    ).toEqual(expected);
  });

  test('can be deleted, which changes nothing', async () => {
    const { $metadata } = await running()
      .s3()
      .send(new DeleteObjectCommand({ Bucket, Key: 'nothing' }));
    expect($metadata.httpStatusCode).toBe(204);
  });
});
