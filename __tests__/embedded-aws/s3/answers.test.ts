import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answers } from '../../../embedded-aws/answers.ts';
import { refusalOf, useEmbeddedAws } from '../support.ts';

const running = useEmbeddedAws();
const Bucket = 'models';
const kms = { ServerSideEncryption: 'aws:kms' } as const;
beforeAll(async () => {
  const { store } = running().aws;
  await store.createBucket('foreign', 'us-east-1', { ownerId: '999999999999' });
  await store.putBytes('foreign', 'key', Buffer.from('x'));
});
afterEach(() => {
  running().aws.setAnswers({});
  running().aws.setFaults([]);
});

/** `done`, or the code of the refusal. */
async function outcome(command: PutObjectCommand | CopyObjectCommand | GetObjectCommand | HeadObjectCommand) {
  const call = running()
    .s3()
    .send(command as PutObjectCommand);
  return call.then(
    () => 'done',
    async () => (await refusalOf(call)).code,
  );
}

const put = (options: object) => outcome(new PutObjectCommand({ Bucket, Key: 'there', Body: 'x', ...options }));
const copy = (options: object) =>
  outcome(new CopyObjectCommand({ Bucket, Key: 'copied', CopySource: 'models/there', ...options }));

/** A question, what it finds by default, and what under the switched answer. */
const QUESTIONS: readonly [string, () => Promise<unknown>, unknown, Answers, unknown][] = [
  [
    'a conditional put of what is there',
    () => put({ IfNoneMatch: '*' }),
    'PreconditionFailed',
    { 's3-conditional-put': 'ignored' },
    'done',
  ],
  [
    'a conditional put with a KMS key',
    () => put({ ...kms, IfNoneMatch: '*' }),
    'PreconditionFailed',
    { 's3-conditional-put-kms': 'ignored' },
    'done',
  ],
  ['a put without a condition', () => put({}), 'done', { 's3-bucket-policy': 'conditional-writes' }, 'AccessDenied'],
  ['a copy without a condition', () => copy({}), 'done', { 's3-bucket-policy': 'conditional-writes' }, 'AccessDenied'],
  [
    'a copy with a condition',
    () => copy({ Key: 'never', IfMatch: '*' }),
    'NoSuchKey',
    { 's3-bucket-policy': 'conditional-writes' },
    'NotImplemented',
  ],
  [
    'the head of an object in a bucket of another account',
    () => outcome(new HeadObjectCommand({ Bucket: 'foreign', Key: 'key', ExpectedBucketOwner: '123456789012' })),
    'Unknown',
    { 's3-bucket-owner': 'ignored' },
    'done',
  ],
  [
    'a copy from a bucket of another account',
    () => copy({ CopySource: 'foreign/key', ExpectedSourceBucketOwner: '123456789012' }),
    'AccessDenied',
    { 's3-bucket-owner': 'ignored' },
    'done',
  ],
  [
    'an archived object',
    () => outcome(new GetObjectCommand({ Bucket, Key: 'archived' })),
    'InvalidObjectState',
    { 's3-archived': 'read' },
    'done',
  ],
];

describe.each(QUESTIONS)('%s', (_, ask, standard, switched, other) => {
  test.each([
    ['is answered as AWS does', {}, standard],
    [`is answered otherwise where it is switched: ${JSON.stringify(switched)}`, switched, other],
  ])('%s', async (...[, answers, expected]) => {
    const s3 = running().s3();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'there', Body: 'x' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'archived', Body: 'x', StorageClass: 'GLACIER' }));
    running().aws.setAnswers(answers);
    expect(await ask()).toBe(expected);
  });
});

test('a bucket of another account is open to who does not ask whose it is', async () => {
  const get = (ExpectedBucketOwner: string | undefined) =>
    outcome(new GetObjectCommand({ Bucket: 'foreign', Key: 'key', ExpectedBucketOwner }));
  expect([await get(undefined), await get('999999999999'), await get('123456789012')]).toEqual([
    'done',
    'done',
    'AccessDenied',
  ]);
});

test.each(['GLACIER', 'DEEP_ARCHIVE'] as const)(
  'an object in %s says so in its head, and is copied by nobody',
  async (StorageClass) => {
    const s3 = running().s3();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'cold', Body: 'x', StorageClass }));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'cold' }));
    const error = await s3
      .send(new GetObjectCommand({ Bucket, Key: 'cold' }))
      .catch((thrown: unknown) => thrown as { name: string; StorageClass?: string });
    expect([head.StorageClass, error, await copy({ CopySource: 'models/cold' })]).toEqual([
      StorageClass,
      expect.objectContaining({ name: 'InvalidObjectState', StorageClass }),
      'InvalidObjectState',
    ]);
  },
);

test.each<[Answers, boolean]>([
  [{}, false],
  [{ 's3-kms-etag': 'md5' }, true],
])('the ETag of what KMS encrypts is no digest unless switched: %j', async (answers, digest) => {
  running().aws.setAnswers(answers);
  const { ETag } = await running()
    .s3()
    .send(new PutObjectCommand({ Bucket, Key: 'encrypted', Body: 'x', ...kms }));
  expect(ETag === '"9dd4e461268c8034f5c8564e155c67a6"').toBe(digest);
});

test('a list without an end has the same page, and a further token, again and again', async () => {
  running().aws.setAnswers({ pages: 'endless' });
  const list = (ContinuationToken?: string) =>
    running()
      .s3()
      .send(new ListObjectsV2Command({ Bucket: 'foreign', ContinuationToken }));
  const first = await list();
  const second = await list(first.NextContinuationToken);
  expect([first.IsTruncated, second.IsTruncated, second.NextContinuationToken]).toEqual([
    true,
    true,
    first.NextContinuationToken,
  ]);
});

test('a conflict of two writers is told by 409, and nothing is written', async () => {
  running().aws.setFaults([{ service: 's3', operation: 'PutObject', call: 1, fault: 'conflict' }]);
  const command = new PutObjectCommand({ Bucket, Key: 'conflict', Body: 'x', IfNoneMatch: '*' });
  expect([await refusalOf(running().s3().send(command)), await outcome(command)]).toEqual([
    { code: 'ConditionalRequestConflict', status: 409 },
    'done',
  ]);
});

test('an answer that drips comes a byte at a time, and whole', async () => {
  running().aws.setFaults([{ service: 's3', operation: 'GetObject', call: 1, fault: 'drip', delayMs: 1 }]);
  await running().aws.store.putBytes(Bucket, 'dripping', Buffer.from('drop by drop'));
  const { Body } = await running()
    .s3()
    .send(new GetObjectCommand({ Bucket, Key: 'dripping' }));
  const chunks: number[] = [];
  for await (const chunk of Body as AsyncIterable<Uint8Array>) chunks.push(chunk.length);
  expect(chunks.reduce((sum, size) => sum + size, 0)).toBe(12);
});
