import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { mapConcurrent } from '../../core/concurrency.ts';
import { DeployError } from '../../core/errors.ts';
import { digestFile } from '../../core/files.ts';
import { formatS3Uri, type S3Location } from '../../core/s3-uri.ts';
import { errorKind, isTransient, sdkErrorFacts } from '../errors.ts';
import type { Begin, ObjectStart, UploadResult } from '../types.ts';
import { required, withAwsErrors, withAwsErrorsOr } from './call.ts';
import type { S3 } from './clients.ts';

/** Bytes of an object, both ends counted in. */
interface Range {
  readonly from: number;
  readonly to: number;
  /** Only of the object with this ETag, as the service wrote it. */
  readonly etag?: string | undefined;
}

/** The answer to a range request, with the size of the whole object. */
interface RangeAnswer {
  readonly body: NonNullable<GetObjectCommandOutput['Body']> | undefined;
  readonly etag: string;
  readonly versionId: string | undefined;
  /** Of the whole object. */
  readonly sizeBytes: number;
}

/** undefined where the object is empty: no range of it can be satisfied. */
async function openRange(s3: S3, location: S3Location, { from, to, etag }: Range): Promise<RangeAnswer | undefined> {
  const { sdk, client } = await s3();
  const request = {
    Bucket: location.bucket,
    Key: location.key,
    Range: `bytes=${from}-${to}`,
    ...(etag === undefined ? {} : { IfMatch: etag }),
  };
  try {
    const answer = await client.send(new sdk.GetObjectCommand(request));
    const whole = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
    return {
      body: answer.Body,
      etag: required(answer.ETag, 'an ETag'),
      versionId: answer.VersionId,
      sizeBytes: whole === undefined ? required(answer.ContentLength, 'a size') : Number(whole),
    };
  } catch (thrown) {
    if (from === 0 && sdkErrorFacts(thrown).name === 'InvalidRange') return undefined;
    throw thrown;
  }
}

/** An object and its first bytes in one request; undefined where there is none. */
export async function readStart(s3: S3, location: S3Location, bytes: number): Promise<ObjectStart | undefined> {
  const doing = `read the beginning of ${formatS3Uri(location)}`;
  return withAwsErrorsOr({ doing, when: ['not-found'], answer: undefined }, async () => {
    const answer = await openRange(s3, location, { from: 0, to: bytes - 1 });
    if (answer === undefined) return emptyObject(s3, location);
    const body: unknown = required(answer.body, 'a body');
    const { sizeBytes, versionId } = answer;
    return { sizeBytes, etag: unquote(answer.etag), versionId, start: body as Readable };
  });
}

async function emptyObject(s3: S3, { bucket, key }: S3Location): Promise<ObjectStart> {
  const { sdk, client } = await s3();
  const answer = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }));
  const etag = unquote(required(answer.ETag, 'an ETag'));
  return { sizeBytes: answer.ContentLength ?? 0, etag, versionId: answer.VersionId, start: Readable.from([]) };
}

export function unquote(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}

/** One range in memory; several of them are under way. */
const RANGE_BYTES = 16 * 1024 * 1024;
const RANGES_AT_ONCE = 4;
const ATTEMPTS = 4;
const PAUSE_MS = 500;

interface Piece {
  readonly bytes: Uint8Array;
  readonly etag: string | undefined;
  /** Of the whole object. */
  readonly sizeBytes: number;
}

/**
 * An object into a file, range by range: what breaks off is asked for again, not from the beginning. All ranges are of the
 * object that the first one was of. Answers its size; undefined where there is no such object.
 */
export async function download(
  s3: S3,
  location: S3Location,
  { path, begin }: { readonly path: string; readonly begin: Begin },
): Promise<number | undefined> {
  const doing = `download ${formatS3Uri(location)}`;
  return withAwsErrorsOr({ doing, when: ['not-found'], answer: undefined }, async () => {
    const first = await piece(s3, location, { from: 0 });
    const { etag, sizeBytes } = first;
    const onBytes = begin(sizeBytes);
    const file = await open(path, 'w');
    try {
      await write(file, first.bytes, 0);
      let done = first.bytes.length;
      onBytes(done);
      await mapConcurrent(rangesBehindFirst(sizeBytes), RANGES_AT_ONCE, async (from) => {
        const { bytes } = await piece(s3, location, { from, etag });
        await write(file, bytes, from);
        onBytes((done += bytes.length));
      });
    } finally {
      await file.close();
    }
    return sizeBytes;
  });
}

/** One range, repeated where it breaks off: the SDK repeats requests, not bodies. */
async function piece(
  s3: S3,
  location: S3Location,
  { from, etag }: { readonly from: number; readonly etag?: string | undefined },
): Promise<Piece> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await whole(s3, location, { from, to: from + RANGE_BYTES - 1, etag });
    } catch (thrown) {
      if (errorKind(thrown) === 'precondition-failed') throw changed(location);
      if (attempt === ATTEMPTS || !isTransient(thrown) || errorKind(thrown) === 'cancelled') throw thrown;
      await sleep(PAUSE_MS * attempt);
    }
  }
}

async function whole(s3: S3, location: S3Location, range: Range): Promise<Piece> {
  const answer = await openRange(s3, location, range);
  if (answer === undefined) return { bytes: new Uint8Array(), etag: undefined, sizeBytes: 0 };
  const bytes = await required(answer.body, 'a body').transformToByteArray();
  return { bytes, etag: answer.etag, sizeBytes: answer.sizeBytes };
}

function changed(location: S3Location): DeployError {
  return new DeployError('model-changed', `${formatS3Uri(location)} changed while it was downloaded.`, {
    advice: 'Upload a release once, under a path of its own, and run again.',
  });
}

function rangesBehindFirst(sizeBytes: number): readonly number[] {
  const count = Math.max(Math.ceil(sizeBytes / RANGE_BYTES) - 1, 0);
  return Array.from({ length: count }, (_, index) => (index + 1) * RANGE_BYTES);
}

async function write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

/** Parts are in memory while they are sent, several at a time; S3 takes 10,000 of them, which is 160 GB. */
const PART_BYTES = 16 * 1024 * 1024;
const PARTS_AT_ONCE = 4;
/** User metadata of the object: by it a later run knows the same file, whatever parts it was sent in. */
const DIGEST = 'sha256';

/** A file into S3, in parts that are repeated one by one, under a key that nothing is under yet. */
export async function upload(
  s3: S3,
  location: S3Location,
  { path, begin }: { readonly path: string; readonly begin: Begin },
): Promise<UploadResult> {
  const uri = formatS3Uri(location);
  const digest = await digestFile(path);
  const present = await presentDigest(s3, location);
  if (present !== undefined) return present.sha256 === digest ? 'same' : 'other';
  const onBytes = begin((await stat(path)).size);
  const { client } = await s3();
  const { Upload } = await import('./modules/upload.ts');
  const params = { Bucket: location.bucket, Key: location.key, IfNoneMatch: '*', Metadata: { [DIGEST]: digest } };
  return withAwsErrors(`upload ${path} to ${uri}`, async () => {
    // Sent anew where another writer was in the way (409), which says nothing about what is there.
    const work = new Upload({
      client,
      params: { ...params, Body: createReadStream(path) },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
    });
    work.on('httpUploadProgress', ({ loaded }) => onBytes(loaded ?? 0));
    try {
      await work.done();
      return 'written' as const;
    } catch (thrown) {
      // Somebody else was faster.
      if (errorKind(thrown) === 'precondition-failed') return 'other' as const;
      throw thrown;
    }
  });
}

/** undefined where there is no such object. */
async function presentDigest(
  s3: S3,
  location: S3Location,
): Promise<{ readonly sha256: string | undefined } | undefined> {
  const { sdk, client } = await s3();
  const doing = `inspect ${formatS3Uri(location)}`;
  return withAwsErrorsOr({ doing, when: ['not-found'], answer: undefined }, async () => {
    const answer = await client.send(new sdk.HeadObjectCommand({ Bucket: location.bucket, Key: location.key }));
    return { sha256: answer.Metadata?.[DIGEST] };
  });
}
