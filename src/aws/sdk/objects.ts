import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { pipeline, type Readable, Transform } from 'node:stream';
import type { GetObjectCommand } from '@aws-sdk/client-s3';
import { formatS3Uri, type S3Location } from '../../core/s3-uri.ts';
import type { ObjectInfo, Objects, PutOptions, PutResult, StoredText } from '../types.ts';
import { errorKind, sdkErrorFacts } from '../errors.ts';
import { allPages, required, requiredText, withAwsErrors, withAwsErrorsOr } from './call.ts';
import type { S3 } from './clients.ts';
import { download, readStart, unquote, upload } from './transfers.ts';

// Above this, a file is streamed instead of read: the action keeps under 130 MB whatever it uploads.
const BUFFERED_BYTES = 8 * 1024 * 1024;

export function createObjects(s3: S3): Objects {
  return {
    head: (location) => head(s3, location),
    readStart: (location, bytes) => readStart(s3, location, bytes),
    readText: (location) => readText(s3, location),
    put: (location, body, options) => put(s3, { location, body, options }),
    download: (location, path, begin) => download(s3, location, { path, begin }),
    upload: (location, path, begin) => upload(s3, location, { path, begin }),
    copy: (from, to, kmsKey) => copy(s3, { from, to, kmsKey }),
    list: (prefix) => list(s3, prefix),
    bucketRegion: (bucket, expectedOwner) => bucketRegion(s3, bucket, expectedOwner),
  };
}

/** Classes that nobody reads from before a restore; `GLACIER_IR` is read at once. */
const ARCHIVE = /^(GLACIER|DEEP_ARCHIVE)$/;
const RESTORED = /ongoing-request="false"/;

async function head(s3: S3, location: S3Location): Promise<ObjectInfo | undefined> {
  const { sdk, client } = await s3();
  const doing = `inspect ${formatS3Uri(location)}`;
  return withAwsErrorsOr({ doing, when: ['not-found'], answer: undefined }, async () => {
    const answer = await client.send(new sdk.HeadObjectCommand({ Bucket: location.bucket, Key: location.key }));
    const etag = unquote(required(answer.ETag, 'an ETag'));
    const isArchived = ARCHIVE.test(answer.StorageClass ?? '') && !RESTORED.test(answer.Restore ?? '');
    return {
      sizeBytes: answer.ContentLength ?? 0,
      etag,
      versionId: answer.VersionId,
      ...(isArchived ? { isArchived } : {}),
    };
  });
}

/** Documents of ours have a few kilobytes; whatever is larger than this is none. */
const TEXT_BYTES = 4 * 1024 * 1024;

async function readText(s3: S3, location: S3Location): Promise<StoredText | undefined> {
  const { sdk, client } = await s3();
  const doing = `read ${formatS3Uri(location)}`;
  return withAwsErrorsOr({ doing, when: ['not-found'], answer: undefined }, async () => {
    const command = new sdk.GetObjectCommand({ Bucket: location.bucket, Key: location.key });
    const answeredAtMs = noteDate(command);
    const answer = await client.send(command);
    const etag = unquote(required(answer.ETag, 'an ETag'));
    const nowMs = answeredAtMs();
    const writtenAtMs = answer.LastModified?.getTime();
    const ageMs = nowMs === undefined || writtenAtMs === undefined ? undefined : nowMs - writtenAtMs;
    const text = await textOf(required(answer.Body, 'a body') as Readable);
    return text === undefined ? { text: '', tooLarge: true, etag, ageMs } : { text, etag, ageMs };
  });
}

/** undefined: larger than any text of ours; what is left of it is not read. */
async function textOf(body: Readable): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).length;
    // Leaving the loop destroys the stream.
    if (bytes > TEXT_BYTES) return undefined;
  }
  return Buffer.concat(chunks).toString();
}

/** Keeps the `Date` header of the answer: the service's own clock, in milliseconds since 1970. */
function noteDate(command: GetObjectCommand): () => number | undefined {
  let date: number | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const headers: unknown = Reflect.get(Object(result.response), 'headers');
      date = Date.parse(String(Reflect.get(Object(headers), 'date')));
      return result;
    },
    { step: 'deserialize', name: 'noteDate' },
  );
  return () => (date === undefined || Number.isNaN(date) ? undefined : date);
}

interface Put {
  readonly location: S3Location;
  readonly body: Uint8Array | { readonly path: string };
  readonly options: PutOptions;
}

async function put(s3: S3, { location, body, options }: Put): Promise<PutResult> {
  const { sdk, client } = await s3();
  const { condition } = options;
  const missingIsTaken = condition.kind === 'etag' ? (['not-found'] as const) : [];
  const when = condition.kind === 'always' ? [] : (['precondition-failed', ...missingIsTaken] as const);
  const doing = `write ${formatS3Uri(location)}`;
  return withAwsErrorsOr<PutResult, PutResult>({ doing, when, answer: { kind: 'exists' } }, async () => {
    const answer = await client.send(
      new sdk.PutObjectCommand({
        Bucket: location.bucket,
        Key: location.key,
        ...(await content(body, options.onBytes)),
        ...(condition.kind === 'absent' ? { IfNoneMatch: '*' } : {}),
        ...(condition.kind === 'etag' ? { IfMatch: `"${condition.etag}"` } : {}),
        ...(options.contentType === undefined ? {} : { ContentType: options.contentType }),
        ...encryption(options.kmsKey),
      }),
    );
    return { kind: 'written', etag: unquote(required(answer.ETag, 'an ETag')) };
  });
}

async function content(body: Put['body'], onBytes: PutOptions['onBytes']) {
  if (body instanceof Uint8Array) return { Body: body };
  const { size } = await stat(body.path);
  if (size <= BUFFERED_BYTES) return { Body: await readFile(body.path) };
  const file = createReadStream(body.path);
  // A file that cannot be read on ends the request by its own error.
  const stream = onBytes === undefined ? file : pipeline(file, counting(onBytes), () => undefined);
  return { Body: stream, ContentLength: size };
}

function counting(onBytes: (doneBytes: number) => void): Transform {
  let done = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, next) {
      done += chunk.length;
      onBytes(done);
      next(null, chunk);
    },
  });
}

interface Copy {
  readonly from: S3Location;
  readonly to: S3Location;
  readonly kmsKey: string | undefined;
}

async function copy(s3: S3, { from, to, kmsKey }: Copy): Promise<void> {
  const { sdk, client } = await s3();
  const source = `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`;
  await withAwsErrors(`copy ${formatS3Uri(from)} to ${formatS3Uri(to)}`, async () => {
    try {
      const target = { Bucket: to.bucket, Key: to.key, ...encryption(kmsKey) };
      await client.send(new sdk.CopyObjectCommand({ CopySource: source, ...target }));
    } catch (thrown) {
      // A bucket that enforces conditional writes takes no copy: 403 without the header, 501 with it.
      if (errorKind(thrown) !== 'access-denied' && sdkErrorFacts(thrown).httpStatus !== 501) throw thrown;
      await copyThroughHere(s3, { from, to, kmsKey });
    }
  });
}

/** Files of source folders are small: read and written, on the condition that nothing is there. */
async function copyThroughHere(s3: S3, { from, to, kmsKey }: Copy): Promise<void> {
  const { sdk, client } = await s3();
  const answer = await client.send(new sdk.GetObjectCommand({ Bucket: from.bucket, Key: from.key }));
  const bytes = await required(answer.Body, 'a body').transformToByteArray();
  const target = { Bucket: to.bucket, Key: to.key, IfNoneMatch: '*', ...encryption(kmsKey) };
  try {
    await client.send(new sdk.PutObjectCommand({ ...target, Body: bytes }));
  } catch (thrown) {
    if (errorKind(thrown) !== 'precondition-failed') throw thrown;
  }
}

async function list(s3: S3, prefix: S3Location) {
  const { sdk, client } = await s3();
  const request = { Bucket: prefix.bucket, Prefix: prefix.key };
  return withAwsErrors(`list ${formatS3Uri(prefix)}`, () =>
    allPages(async (ContinuationToken) => {
      const page = await client.send(new sdk.ListObjectsV2Command({ ...request, ContinuationToken }));
      const items = (page.Contents ?? []).map((object) => ({
        key: requiredText(object.Key, 'a key'),
        sizeBytes: object.Size ?? 0,
        etag: unquote(object.ETag),
        versionId: undefined,
      }));
      return { items, next: page.NextContinuationToken };
    }),
  );
}

async function bucketRegion(s3: S3, bucket: string, expectedOwner?: string): Promise<string | undefined> {
  const { sdk, client, owners } = await s3();
  const region = (thrown: unknown): string | undefined => {
    const headers: unknown = Reflect.get(Object(Reflect.get(Object(thrown), '$response')), 'headers');
    const value: unknown = Reflect.get(Object(headers), 'x-amz-bucket-region');
    return typeof value === 'string' ? value : undefined;
  };
  return withAwsErrorsOr({ doing: `reach the bucket ${bucket}`, when: ['not-found'], answer: undefined }, async () => {
    try {
      const owner = expectedOwner === undefined ? {} : { ExpectedBucketOwner: expectedOwner };
      const answer = await client.send(new sdk.HeadBucketCommand({ Bucket: bucket, ...owner }));
      if (expectedOwner !== undefined) owners.set(bucket, expectedOwner);
      return answer.BucketRegion ?? 'us-east-1';
    } catch (thrown) {
      const named = region(thrown);
      if (named !== undefined && named !== 'us-east-1') return named;
      throw thrown;
    }
  });
}

function encryption(kmsKey: string | undefined) {
  return kmsKey === undefined ? {} : ({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKey } as const);
}
