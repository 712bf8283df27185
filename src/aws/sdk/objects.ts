import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { pipeline, Transform } from 'node:stream';
import { formatS3Uri, type S3Location } from '../../core/s3-uri.ts';
import type { ObjectInfo, Objects, PutOptions, PutResult } from '../types.ts';
import { required, withAwsErrors, withAwsErrorsOr } from './call.ts';
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
    bucketRegion: (bucket) => bucketRegion(s3, bucket),
  };
}

async function head(s3: S3, location: S3Location): Promise<ObjectInfo | undefined> {
  const { sdk, client } = await s3();
  const doing = `inspect ${formatS3Uri(location)}`;
  return withAwsErrorsOr({ doing, when: ['not-found'], answer: undefined }, async () => {
    const answer = await client.send(new sdk.HeadObjectCommand({ Bucket: location.bucket, Key: location.key }));
    const etag = unquote(required(answer.ETag, 'an ETag'));
    return { sizeBytes: answer.ContentLength ?? 0, etag, versionId: answer.VersionId };
  });
}

async function readText(s3: S3, location: S3Location) {
  const { sdk, client } = await s3();
  const doing = `read ${formatS3Uri(location)}`;
  return withAwsErrorsOr({ doing, when: ['not-found'], answer: undefined }, async () => {
    const answer = await client.send(new sdk.GetObjectCommand({ Bucket: location.bucket, Key: location.key }));
    const etag = unquote(required(answer.ETag, 'an ETag'));
    return { text: await required(answer.Body, 'a body').transformToString(), etag };
  });
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

async function copy(s3: S3, { from, to, kmsKey }: { from: S3Location; to: S3Location; kmsKey: string | undefined }) {
  const { sdk, client } = await s3();
  const source = `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`;
  await withAwsErrors(`copy ${formatS3Uri(from)} to ${formatS3Uri(to)}`, () =>
    client.send(
      new sdk.CopyObjectCommand({ CopySource: source, Bucket: to.bucket, Key: to.key, ...encryption(kmsKey) }),
    ),
  );
}

async function list(s3: S3, prefix: S3Location) {
  const { sdk, client } = await s3();
  return withAwsErrors(`list ${formatS3Uri(prefix)}`, async () => {
    const found: (ObjectInfo & { key: string })[] = [];
    for await (const page of sdk.paginateListObjectsV2({ client }, { Bucket: prefix.bucket, Prefix: prefix.key })) {
      for (const object of page.Contents ?? []) {
        found.push({
          key: required(object.Key, 'a key'),
          sizeBytes: object.Size ?? 0,
          etag: unquote(object.ETag),
          versionId: undefined,
        });
      }
    }
    return found;
  });
}

async function bucketRegion(s3: S3, bucket: string): Promise<string | undefined> {
  const { sdk, client } = await s3();
  const region = (thrown: unknown): string | undefined => {
    const headers: unknown = Reflect.get(Object(Reflect.get(Object(thrown), '$response')), 'headers');
    const value: unknown = Reflect.get(Object(headers), 'x-amz-bucket-region');
    return typeof value === 'string' ? value : undefined;
  };
  return withAwsErrorsOr({ doing: `reach the bucket ${bucket}`, when: ['not-found'], answer: undefined }, async () => {
    try {
      const answer = await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }));
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
