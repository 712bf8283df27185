/** S3: conditional writes and what else claims and uploads rest on. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Account } from '../account.ts';
import { accountId, putObject } from '../fixtures.ts';
import { attempt, attemptOpenly, needed, statusOf } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';

const place = (account: Account, what: string) => ({ Bucket: account.options.bucket, Key: account.keyOf(what) });

export function put(account: Account, what: string, more: Partial<PutObjectCommandInput> = {}) {
  return attempt(account.s3.send(new PutObjectCommand({ ...place(account, what), Body: 'x', ...more })));
}

const KMS = { ServerSideEncryption: 'aws:kms' } as const;
const NOBODY = '000000000000';

/** Absent, present, stale, fresh: the four conditional puts that a claim is made of. */
async function conditionalPuts(account: Account, what: string, more: Partial<PutObjectCommandInput>) {
  const first = needed(await put(account, what, { ...more, IfNoneMatch: '*' }));
  const second = statusOf(await put(account, what, { ...more, IfNoneMatch: '*' }));
  const fresh = statusOf(await put(account, what, { ...more, Body: 'y', IfMatch: first.ETag }));
  const stale = statusOf(await put(account, what, { ...more, IfMatch: first.ETag }));
  const missing = statusOf(await put(account, `${what}-missing`, { ...more, IfMatch: first.ETag }));
  return {
    'If-None-Match, object there': second['status'] ?? null,
    'If-Match, its ETag': fresh['status'] ?? null,
    'If-Match, an old ETag': stale['status'] ?? null,
    'If-Match, no object': missing['status'] ?? null,
  };
}

/** Status of the completion on the condition that nothing is under the key. */
async function uploadByParts(account: Account, what: string) {
  const target = place(account, what);
  const { UploadId } = await account.s3.send(new CreateMultipartUploadCommand(target));
  const part = { ...target, UploadId, PartNumber: 1 };
  const { ETag } = await account.s3.send(new UploadPartCommand({ ...part, Body: 'x' }));
  const complete = { ...target, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] }, IfNoneMatch: '*' };
  const ended = statusOf(await attempt(account.s3.send(new CompleteMultipartUploadCommand(complete))));
  // A completion that is refused may leave its parts.
  if (ended['status'] !== 200) await attempt(account.s3.send(new AbortMultipartUploadCommand({ ...target, UploadId })));
  return ended['status'] ?? null;
}

const CONDITIONS = oneOf({
  'If-None-Match, object there': 412,
  'If-Match, its ETag': 200,
  'If-Match, an old ETag': 412,
  'If-Match, no object': 404,
});

export const objects: readonly Probe[] = [
  {
    id: 'conditional-put',
    question: 'Do If-None-Match and If-Match hold for PutObject?',
    matters: 'A start is claimed by the first, a stale claim is taken over by the second.',
    assumed: '412 where the object is there, 412 for a stale ETag, 404 for an ETag of nothing.',
    source: 'answers: conditional-writes',
    calls: ['s3:PutObject'],
    ask: (account) => conditionalPuts(account, 'claim', {}),
    judge: CONDITIONS,
  },
  {
    id: 'conditional-put-kms',
    question: 'Do If-None-Match and If-Match hold for objects that are encrypted with KMS?',
    matters: 'With KMS the ETag is no MD5 of the content; claims in such buckets rest on it all the same.',
    assumed: 'The same answers as without KMS.',
    source: 'answers: conditional-writes',
    calls: ['s3:PutObject'],
    ask: (account) =>
      conditionalPuts(account, 'claim-kms', {
        ...KMS,
        ...(account.options.kmsKey && { SSEKMSKeyId: account.options.kmsKey }),
      }),
    judge: CONDITIONS,
  },
  {
    id: 'parallel-conditional-puts',
    question: 'Does exactly one of several conditional puts at the same time win?',
    matters: 'Jobs that ask for the same registration at once must start one execution.',
    assumed: 'One 200; the others 412, or 409, after which the put is repeated.',
    source: 'answers: conditional-writes',
    calls: ['s3:PutObject'],
    async ask(account) {
      const puts = Array.from({ length: 8 }, (_, i) => put(account, 'race', { Body: String(i), IfNoneMatch: '*' }));
      const statuses = (await Promise.all(puts)).map((outcome) => (outcome.ok ? 200 : outcome.status));
      const others = [...new Set(statuses)].filter((status) => ![200, 409, 412].includes(status));
      return { winners: statuses.filter((status) => status === 200).length, 'unexpected answers': others };
    },
    judge: oneOf({ winners: 1, 'unexpected answers': [] }),
  },
  {
    id: 'conditional-upload',
    question: 'Does If-None-Match hold for an upload in parts?',
    matters: 'A large local model is uploaded so, under a key that another job may be writing to.',
    assumed: '200 where nothing is there, 412 where something is.',
    source: 'answers: conditional-writes',
    calls: ['s3:CreateMultipartUpload', 's3:UploadPart', 's3:CompleteMultipartUpload'],
    async ask(account) {
      const first = await uploadByParts(account, 'parts');
      return { 'nothing there': first, 'object there': await uploadByParts(account, 'parts') };
    },
    judge: oneOf({ 'nothing there': 200, 'object there': 412 }),
  },
  {
    id: 'missing-object',
    question: 'How is an object answered that is not there?',
    matters: 'What is missing is uploaded; "not allowed" must not be taken for it.',
    assumed: '404 to HEAD, 404 NoSuchKey to GET (with the permission to list), 404 for a bucket that is not there.',
    source: 'answers: wordings',
    calls: ['s3:HeadObject', 's3:GetObject', 's3:HeadBucket'],
    async ask(account) {
      const at = place(account, 'nothing');
      const head = statusOf(await attemptOpenly(account.s3.send(new HeadObjectCommand(at))));
      const get = await attemptOpenly(account.s3.send(new GetObjectCommand(at)));
      const nowhere = new HeadBucketCommand({ Bucket: `${account.run.toLowerCase()}-nowhere` });
      const bucket = statusOf(await attemptOpenly(account.s3.send(nowhere)));
      return {
        head: head['status'] ?? null,
        get: get.ok ? '200' : `${get.status} ${get.code}`,
        bucket: bucket['status'] ?? null,
      };
    },
    judge: oneOf({ head: 404, get: '404 NoSuchKey', bucket: 404 }),
  },
  {
    id: 'wrong-owner',
    question: 'Is a call with the account id of another owner refused?',
    matters: 'Buckets are named in configurations; a bucket that somebody else took over must not get our models.',
    assumed: '403 for reading, writing, and for the source of a copy.',
    source: 'answers: bucket-owner',
    calls: ['s3:HeadObject', 's3:PutObject', 's3:CopyObject'],
    async ask(account) {
      await putObject(account, 'owned', 'x');
      const owned = place(account, 'owned');
      const head = new HeadObjectCommand({ ...owned, ExpectedBucketOwner: NOBODY });
      const write = new PutObjectCommand({ ...place(account, 'not-owned'), Body: 'x', ExpectedBucketOwner: NOBODY });
      const copy = new CopyObjectCommand({
        ...place(account, 'copied'),
        CopySource: `${owned.Bucket}/${owned.Key}`,
        ExpectedSourceBucketOwner: NOBODY,
      });
      const ended = async (call: Promise<unknown>) => statusOf(await attemptOpenly(call))['status'] ?? null;
      return {
        head: await ended(account.s3.send(head)),
        put: await ended(account.s3.send(write)),
        'copy source': await ended(account.s3.send(copy)),
      };
    },
    judge: oneOf({ head: 403, put: 403, 'copy source': 403 }),
  },
  {
    id: 'right-owner',
    question: 'Is a call with the account id of the real owner accepted?',
    matters: 'Every call to a bucket says whose it should be: what a wrong reading refuses would be all of them.',
    assumed: 'Yes, for the bucket, for reading, writing, and for both ends of a copy.',
    source: 'answers: bucket-owner',
    calls: ['s3:HeadBucket', 's3:HeadObject', 's3:PutObject', 's3:CopyObject'],
    async ask(account) {
      const ExpectedBucketOwner = await accountId(account);
      const at = { ...place(account, 'mine'), ExpectedBucketOwner };
      const copy = {
        ...place(account, 'mine-copied'),
        CopySource: `${at.Bucket}/${at.Key}`,
        ExpectedBucketOwner,
        ExpectedSourceBucketOwner: ExpectedBucketOwner,
      };
      const ended = async (call: Promise<unknown>) => statusOf(await attemptOpenly(call))['status'] ?? null;
      return {
        bucket: await ended(account.s3.send(new HeadBucketCommand({ Bucket: at.Bucket, ExpectedBucketOwner }))),
        put: await ended(account.s3.send(new PutObjectCommand({ ...at, Body: 'x', IfNoneMatch: '*' }))),
        head: await ended(account.s3.send(new HeadObjectCommand(at))),
        copy: await ended(account.s3.send(new CopyObjectCommand(copy))),
      };
    },
    judge: oneOf({ bucket: 200, put: 200, head: 200, copy: 200 }),
  },
  {
    id: 'archived-object',
    question: 'How does an object of the class GLACIER tell that it cannot be read?',
    matters: 'A job cannot read it and would fail after minutes; preflight says so before.',
    assumed: 'HeadObject names the class; GetObject is refused with 403 InvalidObjectState.',
    source: 'answers: archived-objects',
    calls: ['s3:HeadObject', 's3:GetObject'],
    async ask(account) {
      needed(await put(account, 'archived', { StorageClass: 'GLACIER', IfNoneMatch: '*' }));
      const head = await account.s3.send(new HeadObjectCommand(place(account, 'archived')));
      const get = await attemptOpenly(account.s3.send(new GetObjectCommand(place(account, 'archived'))));
      return { class: head.StorageClass ?? 'STANDARD', get: get.ok ? '200' : `${get.status} ${get.code}` };
    },
    judge: oneOf({ class: 'GLACIER', get: '403 InvalidObjectState' }),
  },
];
