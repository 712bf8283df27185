import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EmbeddedAws } from '../../../embedded-aws/server.ts';
import { startEmbeddedAws } from '../../../embedded-aws/server.ts';
import { clientOptions } from '../support.ts';

const Bucket = 'kept';
let stateFolder = '';
beforeEach(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'embedded-aws-test-'));
});
afterEach(() => rm(stateFolder, { recursive: true, force: true }));

async function during<Result>(act: (aws: EmbeddedAws, s3: S3Client) => Promise<Result>): Promise<Result> {
  const aws = await startEmbeddedAws({ stateFolder });
  const s3 = new S3Client(clientOptions(aws.url));
  try {
    return await act(aws, s3);
  } finally {
    s3.destroy();
    await aws.close();
  }
}

test('a state folder keeps buckets, versions and uploads over a restart', async () => {
  const kept = await during(async (aws, s3) => {
    await aws.store.createBucket(Bucket, 'us-east-1', { versioned: true });
    const one = await s3.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'one', Metadata: { m: '1' } }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'two' }));
    const upload = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'unfinished' }));
    return { version: one.VersionId, uploadId: upload.UploadId };
  });
  await during(async (aws, s3) => {
    const old = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/b', VersionId: kept.version }));
    const now = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/b' }));
    const part = { Bucket, Key: 'unfinished', UploadId: kept.uploadId, PartNumber: 1, Body: 'part' };
    const sent = await s3.send(new UploadPartCommand(part));
    expect({
      region: aws.store.bucketRegion(Bucket),
      old: [await old.Body?.transformToString(), old.Metadata],
      now: await now.Body?.transformToString(),
      part: sent.$metadata.httpStatusCode,
    }).toEqual({ region: 'us-east-1', old: ['one', { m: '1' }], now: 'two', part: 200 });
  });
});

test('what an overwritten object was made of is removed at the next start', async () => {
  await during(async (aws) => {
    await aws.store.createBucket(Bucket, 'us-east-1');
    await aws.store.putBytes(Bucket, 'same', Buffer.from('one'));
    await aws.store.putBytes(Bucket, 'same', Buffer.from('two'));
  });
  await during(async () => undefined);
  expect(await readdir(join(stateFolder, 's3', 'bodies'))).toHaveLength(1);
});

test('a write that was cut off by the end of the process is as if it had not been', async () => {
  await during(async (aws) => {
    await aws.store.createBucket(Bucket, 'us-east-1');
    await aws.store.putBytes(Bucket, 'whole', Buffer.from('text'));
  });
  await appendFile(join(stateFolder, 's3', 'journal.jsonl'), '{"event":"version","version":{"buck');
  const keys = await during(async (aws) => aws.store.list(Bucket, '').map(({ key }) => key));
  expect(keys).toEqual(['whole']);
});

test('log events are there after a restart', async () => {
  const context = { region: 'us-east-1', accountId: '123456789012', accessKeyId: 'AKID' };
  await during(async (aws) => aws.logs.append(context, 'group', 'stream', [{ atMs: 1, message: 'hello' }]));
  const answer = await during(async (aws) => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/logs/aws4_request, Signature=0';
    const headers = { authorization, 'x-amz-target': 'Logs_20140328.GetLogEvents' };
    const body = JSON.stringify({ logGroupName: 'group', logStreamName: 'stream' });
    return (await fetch(aws.url, { method: 'POST', headers, body })).json();
  });
  expect(answer).toMatchObject({ events: [{ timestamp: 1, message: 'hello' }] });
});

test('a log stream that was deleted stays so after a restart, and its group is there', async () => {
  const context = { region: 'us-east-1', accountId: '123456789012', accessKeyId: 'AKID' };
  const ask = async (aws: EmbeddedAws, operation: string, input: object) => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/logs/aws4_request, Signature=0';
    const headers = { authorization, 'x-amz-target': `Logs_20140328.${operation}` };
    return (await fetch(aws.url, { method: 'POST', headers, body: JSON.stringify(input) })).json();
  };
  await during(async (aws) => {
    aws.logs.append(context, 'group', 'stream', [{ atMs: 1, message: 'hello' }]);
    await ask(aws, 'DeleteLogStream', { logGroupName: 'group', logStreamName: 'stream' });
  });
  const list = () => during((aws) => ask(aws, 'DescribeLogStreams', { logGroupName: 'group' }));
  // The first restart replays what was done, the second what the first has written down of it.
  expect([await list(), await list()]).toEqual([{ logStreams: [] }, { logStreams: [] }]);
});

test('the mark of a server that was killed does not keep the next one out', async () => {
  await writeFile(join(stateFolder, 'server.pid'), `${process.ppid} 1`);
  await expect(during(async () => 'free')).resolves.toBe('free');
});

test('two servers do not share a state folder', async () => {
  await during(async () => {
    await expect(startEmbeddedAws({ stateFolder })).rejects.toThrow(`The state folder ${stateFolder} is in use`);
  });
  await expect(during(async () => 'free again')).resolves.toBe('free again');
});
