import { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { sdkErrorFacts } from '../errors.ts';
import { formatS3Uri, type S3Location } from '../s3-uri.ts';
import type { ObjectStart } from '../types.ts';
import { callOr, must } from './call.ts';
import type { S3 } from './s3.ts';

/** Bytes of an object, both ends counted in. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** Only of the object with this ETag, as the service wrote it. */
  readonly etag?: string | undefined;
}

/** What a range of an object answers, and what it tells of the whole. */
export interface RangeAnswer {
  readonly body: NonNullable<GetObjectCommandOutput['Body']> | undefined;
  readonly etag: string;
  readonly versionId: string | undefined;
  /** Of the whole object. */
  readonly sizeBytes: number;
}

/** undefined where the object is empty: no range of it can be satisfied. */
export async function openRange(
  s3: S3,
  location: S3Location,
  { from, to, etag }: Range,
): Promise<RangeAnswer | undefined> {
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
      etag: must(answer.ETag, 'an ETag'),
      versionId: answer.VersionId,
      sizeBytes: whole === undefined ? must(answer.ContentLength, 'a size') : Number(whole),
    };
  } catch (thrown) {
    if (from === 0 && sdkErrorFacts(thrown).name === 'InvalidRange') return undefined;
    throw thrown;
  }
}

/** An object and its first bytes in one request; undefined where there is none. */
export async function readStart(s3: S3, location: S3Location, bytes: number): Promise<ObjectStart | undefined> {
  const doing = `read the beginning of ${formatS3Uri(location)}`;
  return callOr({ doing, when: ['not-found'], answer: undefined }, async () => {
    const answer = await openRange(s3, location, { from: 0, to: bytes - 1 });
    if (answer === undefined) return emptyObject(s3, location);
    const body: unknown = must(answer.body, 'a body');
    const { sizeBytes, versionId } = answer;
    return { sizeBytes, etag: unquote(answer.etag), versionId, start: body as Readable };
  });
}

async function emptyObject(s3: S3, { bucket, key }: S3Location): Promise<ObjectStart> {
  const { sdk, client } = await s3();
  const answer = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }));
  const etag = unquote(must(answer.ETag, 'an ETag'));
  return { sizeBytes: answer.ContentLength ?? 0, etag, versionId: answer.VersionId, start: Readable.from([]) };
}

export function unquote(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}
