import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ChecksumAlgorithm } from '@aws-sdk/client-s3';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { errorOf, rawRequest, refusalOf, useEmbeddedAws } from '../support.ts';

const running = useEmbeddedAws();
const Bucket = 'models';

/** Digests of `123456789`: the check values that the algorithms' catalogues publish, in base64. */
const CHECK_VALUES: [ChecksumAlgorithm, string][] = [
  ['CRC32', 'y/Q5Jg=='],
  ['CRC32C', '4waSgw=='],
  ['SHA1', '98O8HYCOBHMq32eZZczDTKeuNEE='],
  ['SHA256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
];

function put(headers: Record<string, string>, body: string | Uint8Array = '123456789', key = 'raw') {
  return rawRequest(`${running().aws.url}/${Bucket}/${key}`, { method: 'PUT', headers, body });
}

describe('checksums', () => {
  test.each(CHECK_VALUES)('of kind %s are checked, kept, and told to who asks', async (ChecksumAlgorithm, value) => {
    const s3 = running().s3();
    const Key = `checked-${ChecksumAlgorithm}`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: '123456789', ChecksumAlgorithm }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(head[`Checksum${ChecksumAlgorithm as 'CRC32'}`]).toBe(value);
    const plain = await rawRequest(`${running().aws.url}/${Bucket}/${Key}`);
    expect(plain.headers.get(`x-amz-checksum-${ChecksumAlgorithm.toLowerCase()}`)).toBeNull();
  });

  test.each(CHECK_VALUES)('of kind %s come in the trailer of a stream', async (ChecksumAlgorithm, value) => {
    const s3 = running().s3();
    const Key = `trailed-${ChecksumAlgorithm}`;
    const Body = Readable.from([Buffer.from('1234'), Buffer.from('56789')]);
    await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: 9, ChecksumAlgorithm }));
    const got = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect([got[`Checksum${ChecksumAlgorithm as 'CRC32'}`], got.ContentEncoding]).toEqual([value, undefined]);
    expect(await got.Body?.transformToString()).toBe('123456789');
  });

  test.each([
    ['CRC64NVME', 'rosUhgp5mIg='],
    ['CRC32C', '4waSgw=='],
  ])('of kind %s agree with the catalogue', async (algorithm, value) => {
    expect((await put({ [`x-amz-checksum-${algorithm.toLowerCase()}`]: value })).status).toBe(200);
  });

  test.each([
    ['a checksum of something else', { 'x-amz-checksum-crc32': 'AAAAAA==' }, 'BadDigest'],
    ['a checksum that is none', { 'x-amz-checksum-crc32': 'hello' }, 'InvalidRequest'],
    ['two checksums', { 'x-amz-checksum-crc32': 'y/Q5Jg==', 'x-amz-checksum-crc32c': '4waSgw==' }, 'InvalidRequest'],
    ['an announced checksum that is not there', { 'x-amz-sdk-checksum-algorithm': 'SHA256' }, 'InvalidRequest'],
    ['a Content-MD5 of something else', { 'content-md5': createHash('md5').digest('base64') }, 'BadDigest'],
    ['a Content-MD5 that is none', { 'content-md5': 'short' }, 'InvalidDigest'],
    ['a content hash of something else', { 'x-amz-content-sha256': '0'.repeat(64) }, 'XAmzContentSHA256Mismatch'],
    ['a content hash that is none', { 'x-amz-content-sha256': 'abc' }, 'InvalidArgument'],
  ])('%s is refused, and nothing is stored', async (_, headers, code) => {
    expect(errorOf(await put(headers, '123456789', 'refused'))).toEqual({ code, status: 400 });
    const head = running()
      .s3()
      .send(new HeadObjectCommand({ Bucket, Key: 'refused' }));
    expect(await refusalOf(head)).toEqual({ code: 'NotFound', status: 404 });
  });

  test('of the right kinds let the body in', async () => {
    const md5 = createHash('md5').update('123456789').digest('base64');
    const sha256 = createHash('sha256').update('123456789').digest('hex');
    expect((await put({ 'content-md5': md5, 'x-amz-content-sha256': sha256 })).status).toBe(200);
  });
});

describe('chunked framing', () => {
  const signed = `;chunk-signature=${'0'.repeat(64)}`;
  const frame = (signature: string, trailer: string) =>
    `5${signature}\r\n12345\r\n4${signature}\r\n6789\r\n0${signature}\r\n${trailer}`;
  const streaming = (kind: string, more: Record<string, string> = {}) => ({
    'x-amz-content-sha256': `STREAMING-${kind}`,
    'x-amz-decoded-content-length': '9',
    'content-encoding': 'aws-chunked',
    ...more,
  });
  const trailer = { 'x-amz-trailer': 'x-amz-checksum-crc32' };
  test.each([
    ['signed chunks', streaming('AWS4-HMAC-SHA256-PAYLOAD'), frame(signed, '\r\n')],
    [
      'signed chunks and a trailer',
      streaming('AWS4-HMAC-SHA256-PAYLOAD-TRAILER', trailer),
      frame(signed, 'x-amz-checksum-crc32:y/Q5Jg==\r\nx-amz-trailer-signature:00\r\n\r\n'),
    ],
    [
      'unsigned chunks and a trailer',
      streaming('UNSIGNED-PAYLOAD-TRAILER', trailer),
      frame('', 'x-amz-checksum-crc32:y/Q5Jg==\r\n\r\n'),
    ],
  ])('of %s is taken off', async (_, headers, body) => {
    expect((await put(headers, body, 'framed')).status).toBe(200);
    const got = await running()
      .s3()
      .send(new GetObjectCommand({ Bucket, Key: 'framed' }));
    expect([await got.Body?.transformToString(), got.ContentEncoding]).toEqual(['123456789', undefined]);
  });

  test.each([
    ['a wrong trailing checksum', frame('', 'x-amz-checksum-crc32:AAAAAA==\r\n\r\n'), 'BadDigest'],
    ['no trailing checksum', frame('', '\r\n'), 'InvalidRequest'],
    ['an end in the middle', '5\r\n123', 'IncompleteBody'],
    ['fewer bytes than announced', '5\r\n12345\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n', 'IncompleteBody'],
    ['a chunk size that is none', 'zz\r\n12345\r\n0\r\n\r\n', 'InvalidChunkSizeError'],
  ])('with %s is refused', async (_, body, code) => {
    const response = await put(streaming('UNSIGNED-PAYLOAD-TRAILER', trailer), body);
    expect(errorOf(response)).toEqual({ code, status: 400 });
  });
});
