import { createHash } from 'node:crypto';
import type { CompletedPart, CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { refusalOf, useEmbeddedAws } from '../support.ts';

const running = useEmbeddedAws();
const Bucket = 'models';
const FIVE_MIB = 5 * 1024 * 1024;
const first = Buffer.alloc(FIVE_MIB, 'first ');
const last = Buffer.from('and the last part');

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();

async function start(Key: string, options: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const started = await running()
    .s3()
    .send(new CreateMultipartUploadCommand({ Bucket, Key, ...options }));
  return started.UploadId ?? '';
}

async function send(Key: string, UploadId: string, parts: readonly Uint8Array[]): Promise<CompletedPart[]> {
  return Promise.all(
    parts.map(async (Body, index) => {
      const PartNumber = index + 1;
      const sent = await running().s3().send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      return { PartNumber, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 };
    }),
  );
}

function complete(Key: string, UploadId: string, Parts: CompletedPart[]) {
  const command = { Bucket, Key, UploadId, MultipartUpload: { Parts } };
  return running().s3().send(new CompleteMultipartUploadCommand(command));
}

describe('a multipart upload', () => {
  test('becomes one object, whose ETag is the MD5 of the MD5s of its parts', async () => {
    const id = await start('whole', { Metadata: { kind: 'model' } });
    const done = await complete('whole', id, await send('whole', id, [first, last]));
    const got = await running()
      .s3()
      .send(new GetObjectCommand({ Bucket, Key: 'whole' }));
    const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    const etag = `"${md5(Buffer.concat([md5(first), md5(last)])).toString('hex')}-2"`;
    expect([done.ETag, got.ETag, got.Metadata, bytes.equals(Buffer.concat([first, last]))]).toEqual([
      etag,
      etag,
      { kind: 'model' },
      true,
    ]);
  });

  test.each([
    ['COMPOSITE', /^.{8}-2$/],
    ['FULL_OBJECT', /^.{8}$/],
  ] as const)('may have a checksum of type %s', async (ChecksumType, shape) => {
    const Key = `checksum-${ChecksumType}`;
    const id = await start(Key, { ChecksumAlgorithm: 'CRC32', ChecksumType });
    await complete(Key, id, await send(Key, id, [first, last]));
    const head = await running()
      .s3()
      .send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumType).toBe(ChecksumType);
    expect(head.ChecksumCRC32).toMatch(shape);
  });

  test('takes parts again, and uses the last one', async () => {
    const id = await start('replaced');
    await send('replaced', id, [Buffer.from('draft')]);
    await complete('replaced', id, await send('replaced', id, [Buffer.from('final')]));
    const got = await running()
      .s3()
      .send(new GetObjectCommand({ Bucket, Key: 'replaced' }));
    expect(await got.Body?.transformToString()).toBe('final');
  });

  test('that is complete is confirmed to who asks again', async () => {
    const id = await start('repeated');
    const parts = await send('repeated', id, [last]);
    const once = await complete('repeated', id, parts);
    expect((await complete('repeated', id, parts)).ETag).toBe(once.ETag);
  });

  test('may be conditional', async () => {
    const id = await start('whole');
    const parts = await send('whole', id, [last]);
    const command = { Bucket, Key: 'whole', UploadId: id, MultipartUpload: { Parts: parts }, IfNoneMatch: '*' };
    const completed = running().s3().send(new CompleteMultipartUploadCommand(command));
    expect(await refusalOf(completed)).toEqual({ code: 'PreconditionFailed', status: 412 });
  });

  test.each([
    ['a part with another ETag', () => [{ PartNumber: 1, ETag: '"00"' }], 'InvalidPart'],
    [
      'a part that was never sent',
      (parts: CompletedPart[]) => [...parts, { PartNumber: 9, ETag: '"00"' }],
      'InvalidPart',
    ],
    ['parts in another order', (parts: CompletedPart[]) => parts.toReversed(), 'InvalidPartOrder'],
    ['a small part before the last', (parts: CompletedPart[]) => parts, 'EntityTooSmall'],
    ['no parts', () => [], 'MalformedXML'],
  ])('is not completed with %s', async (_, change, code) => {
    const id = await start('refused');
    const parts = await send('refused', id, [last, last]);
    expect(await refusalOf(complete('refused', id, change(parts)))).toEqual({ code, status: 400 });
  });

  test('is gone after an abort', async () => {
    const s3 = running().s3();
    const Key = 'aborted/a b';
    const UploadId = await start(Key);
    await send(Key, UploadId, [first, last]);
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect(await refusalOf(send(Key, UploadId, [last]))).toEqual({ code: 'NoSuchUpload', status: 404 });
  });

  test('takes ranges of other objects as parts, from another region too', async () => {
    await running().aws.store.putBytes('models', 'source', Buffer.concat([first, last]));
    const eu = running().s3('eu-west-1');
    const target = { Bucket: 'models-eu', Key: 'joined' };
    const { UploadId } = await eu.send(new CreateMultipartUploadCommand(target));
    const ranges = [`bytes=0-${FIVE_MIB - 1}`, `bytes=${FIVE_MIB}-${FIVE_MIB + last.length - 1}`];
    const Parts: CompletedPart[] = [];
    for (const [index, CopySourceRange] of ranges.entries()) {
      const part = { ...target, UploadId, PartNumber: index + 1, CopySource: 'models/source', CopySourceRange };
      const copied = await eu.send(new UploadPartCopyCommand(part));
      Parts.push({ PartNumber: index + 1, ETag: copied.CopyPartResult?.ETag });
    }
    await eu.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
    const got = await eu.send(new GetObjectCommand(target));
    const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(Buffer.concat([first, last]))).toBe(true);
  });

  test('takes no range that the source does not have', async () => {
    await running().aws.store.putBytes('models', 'short', last);
    const UploadId = await start('ranges');
    const part = { Bucket, Key: 'ranges', UploadId, PartNumber: 1, CopySource: 'models/short' };
    const copy = running()
      .s3()
      .send(new UploadPartCopyCommand({ ...part, CopySourceRange: 'bytes=0-99' }));
    expect(await refusalOf(copy)).toEqual({ code: 'InvalidArgument', status: 400 });
  });
});
