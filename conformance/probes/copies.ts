import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { Account } from '../account.ts';
import { putObject } from '../fixtures.ts';
import { type Answer, attemptOpenly, statusOf } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';

/** Copies within S3: into another region, of more than 5 GB, and under a policy that demands conditions. */

const MIB = 1024 * 1024;
const PART_BYTES = 512 * MIB;

const sourceOf = (account: Account, what: string) => `${account.options.bucket}/${account.keyOf(what)}`;

/** Copies by parts into the regional bucket. */
async function copyByParts(account: Account, what: string, sizeBytes: number): Promise<Answer> {
  const { region, bucket } = account.options.regional ?? { region: '', bucket: '' };
  const s3 = account.s3In(region);
  const target = { Bucket: bucket, Key: account.keyOf(what) };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
  const Parts: { ETag: string | undefined; PartNumber: number }[] = [];
  for (let from = 0; from < sizeBytes; from += PART_BYTES) {
    const range = `bytes=${from}-${Math.min(sizeBytes, from + PART_BYTES) - 1}`;
    const part = { ...target, UploadId, PartNumber: Parts.length + 1, CopySource: sourceOf(account, what) };
    const { CopyPartResult } = await s3.send(new UploadPartCopyCommand({ ...part, CopySourceRange: range }));
    Parts.push({ ETag: CopyPartResult?.ETag, PartNumber: part.PartNumber });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
  const { ContentLength } = await s3.send(new HeadObjectCommand(target));
  return { complete: ContentLength === sizeBytes };
}

/** An object made of copies of another one, so that little is uploaded. */
async function multiply(account: Account, of: { from: string; to: string; times: number }): Promise<void> {
  const target = { Bucket: account.options.bucket, Key: account.keyOf(of.to) };
  const { UploadId } = await account.s3.send(new CreateMultipartUploadCommand(target));
  const Parts: { ETag: string | undefined; PartNumber: number }[] = [];
  for (let PartNumber = 1; PartNumber <= of.times; PartNumber += 1) {
    const part = { ...target, UploadId, PartNumber, CopySource: sourceOf(account, of.from) };
    const { CopyPartResult } = await account.s3.send(new UploadPartCopyCommand(part));
    Parts.push({ ETag: CopyPartResult?.ETag, PartNumber });
  }
  await account.s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
}

/** 64 MiB are uploaded, eight times that is a part, eleven parts are over the limit of CopyObject. */
async function largeObject(account: Account): Promise<number> {
  await putObject(account, 'large-64', Buffer.alloc(64 * MIB));
  await multiply(account, { from: 'large-64', to: 'large-512', times: 8 });
  await multiply(account, { from: 'large-512', to: 'large', times: 11 });
  return 11 * PART_BYTES;
}

export const copies: readonly Probe[] = [
  {
    id: 'copy-with-condition',
    question: 'Does CopyObject take If-None-Match?',
    matters:
      'Where a bucket demands conditional writes, an alias is copied; a copy that cannot be conditional is refused.',
    assumed: 'Refused with 412 (understood) where the object is there, or with 501 (not implemented).',
    source: 'answers: conditional-copies',
    calls: ['s3:CopyObject'],
    async ask(account) {
      await putObject(account, 'copy-source', 'x');
      await putObject(account, 'copy-target', 'y');
      const command = new CopyObjectCommand({
        Bucket: account.options.bucket,
        Key: account.keyOf('copy-target'),
        CopySource: sourceOf(account, 'copy-source'),
        IfNoneMatch: '*',
      });
      return { status: statusOf(await attemptOpenly(account.s3.send(command)))['status'] ?? null };
    },
    judge: oneOf({ status: 412 }, { status: 501 }),
  },
  {
    id: 'copy-into-region',
    question: 'Can an object be copied by parts into a bucket of another region?',
    matters: 'Regional registrations copy the package without downloading it.',
    assumed: 'Yes, asked of the region that it goes into.',
    source: 'design: 7',
    needs: ['regional-bucket'],
    calls: ['s3:UploadPartCopy', 's3:HeadObject'],
    async ask(account) {
      await putObject(account, 'small', 'small');
      return await copyByParts(account, 'small', 5);
    },
    judge: oneOf({ complete: true }),
  },
  {
    id: 'copy-large-into-region',
    question: 'Can more than 5 GB be copied into a bucket of another region?',
    matters: 'CopyObject ends at 5 GB; packages of large models are above.',
    assumed: 'Yes, by parts.',
    source: 'design: 7',
    needs: ['regional-bucket', 'large-copy'],
    calls: ['s3:UploadPartCopy', 's3:HeadObject'],
    ask: async (account) => await copyByParts(account, 'large', await largeObject(account)),
    judge: oneOf({ complete: true }),
  },
  {
    id: 'bucket-demands-conditions',
    question: 'What becomes of a put and a copy without a condition where the bucket policy demands one?',
    matters: 'Such buckets exist; the alias of the payloads is a copy.',
    assumed: 'The put is refused with 403, with a condition accepted; the copy is refused with 403 or 501.',
    source: 'answers: conditional-copies',
    needs: ['bucket-policy'],
    calls: ['s3:PutBucketPolicy', 's3:PutObject', 's3:CopyObject'],
    async ask(account) {
      const Bucket = account.run.toLowerCase();
      await account.s3.send(new CreateBucketCommand({ Bucket }));
      await account.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: demandConditions(Bucket) }));
      const put = (Key: string, condition: object) =>
        attemptOpenly(account.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...condition })));
      const conditional = statusOf(await put('source', { IfNoneMatch: '*' }));
      const plain = statusOf(await put('plain', {}));
      const copy = new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/source` });
      const copied = statusOf(await attemptOpenly(account.s3.send(copy)));
      return {
        conditional: conditional['status'] ?? null,
        plain: plain['status'] ?? null,
        copy: copied['status'] ?? null,
      };
    },
    judge: oneOf({ conditional: 200, plain: 403, copy: 403 }, { conditional: 200, plain: 403, copy: 501 }),
  },
];

/** AWS's example of a policy that enforces conditional writes; parts of uploads are exempt. */
function demandConditions(bucket: string): string {
  const deny = {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::${bucket}/*`,
    Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [deny] });
}
