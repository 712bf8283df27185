import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { errorKind } from '../errors.ts';
import { formatS3Uri, type S3Location } from '../s3-uri.ts';
import type { Begin, UploadResult } from '../types.ts';
import { call, callOr } from './call.ts';
import type { S3 } from './s3.ts';

/** Parts are in memory while they are sent, several at a time; S3 takes 10,000 of them, which is 160 GB. */
const PART_BYTES = 16 * 1024 * 1024;
const SIDE_BY_SIDE = 4;
/** User metadata of the object: by it a later run knows the same file, whatever parts it was sent in. */
const DIGEST = 'sha256';

/** A file into S3, in parts that are repeated one by one, under a key that nothing is under yet. */
export async function upload(
  s3: S3,
  location: S3Location,
  { path, begin }: { readonly path: string; readonly begin: Begin },
): Promise<UploadResult> {
  const uri = formatS3Uri(location);
  const digest = await digestOf(path);
  const present = await presentDigest(s3, location);
  if (present !== undefined) return present.sha256 === digest ? 'same' : 'other';
  const onBytes = begin((await stat(path)).size);
  const { client } = await s3();
  const { Upload } = await import('./modules/upload.ts');
  const work = new Upload({
    client,
    params: {
      Bucket: location.bucket,
      Key: location.key,
      Body: createReadStream(path),
      IfNoneMatch: '*',
      Metadata: { [DIGEST]: digest },
    },
    partSize: PART_BYTES,
    queueSize: SIDE_BY_SIDE,
  });
  work.on('httpUploadProgress', ({ loaded }) => onBytes(loaded ?? 0));
  return call(`upload ${path} to ${uri}`, async () => {
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
  const doing = `look at ${formatS3Uri(location)}`;
  return callOr({ doing, when: ['not-found'], answer: undefined }, async () => {
    const answer = await client.send(new sdk.HeadObjectCommand({ Bucket: location.bucket, Key: location.key }));
    return { sha256: answer.Metadata?.[DIGEST] };
  });
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
