/** S3's part of the clean-up: all versions below the run's prefix, unfinished uploads, and a bucket of its own. */
import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Sweep } from './sweep.ts';

interface Below {
  readonly s3: S3Client;
  readonly Bucket: string;
  readonly Prefix?: string;
}

export async function removeObjects(sweep: Sweep, s3: S3Client, bucket: string): Promise<void> {
  const { keyPrefix, run } = sweep.place;
  await removeBelow(sweep, { s3, Bucket: bucket, Prefix: `${keyPrefix}${run}/` });
}

async function removeBelow(sweep: Sweep, { s3, ...at }: Below): Promise<void> {
  const uploads = await ifOffered(s3.send(new ListMultipartUploadsCommand(at)));
  for (const { Key, UploadId } of uploads?.Uploads ?? []) {
    await sweep.remove(`upload ${Key ?? ''}`, () =>
      s3.send(new AbortMultipartUploadCommand({ Bucket: at.Bucket, Key, UploadId })),
    );
  }
  // What is removed is listed no more; a round that removes nothing would repeat for ever.
  for (;;) {
    const found = await listed(s3, at);
    if (found.length === 0) return;
    let removed = 0;
    for (const { Key, VersionId } of found) {
      await sweep.remove(`s3://${at.Bucket}/${Key}${VersionId === undefined ? '' : ` (${VersionId})`}`, async () => {
        await s3.send(new DeleteObjectCommand({ Bucket: at.Bucket, Key, VersionId }));
        removed += 1;
      });
    }
    if (removed < found.length) return;
  }
}

/** All versions and delete markers, where who is asked knows of such; else the objects. */
async function listed(s3: S3Client, at: { Bucket: string; Prefix?: string }) {
  const versions = await ifOffered(s3.send(new ListObjectVersionsCommand(at)));
  const found =
    versions === undefined
      ? ((await s3.send(new ListObjectsV2Command(at))).Contents ?? []).map(({ Key }) => ({ Key, VersionId: undefined }))
      : [...(versions.Versions ?? []), ...(versions.DeleteMarkers ?? [])];
  return found.map(({ Key = '', VersionId }) => ({ Key, VersionId }));
}

async function ifOffered<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotImplemented') return undefined;
    throw error;
  }
}

/** The bucket that `--bucket-policy` makes; without that, there is none. */
export async function removeBucket(sweep: Sweep): Promise<void> {
  const Bucket = sweep.place.run.toLowerCase();
  const { s3 } = sweep.clients;
  const there = await s3.send(new HeadBucketCommand({ Bucket })).then(
    () => true,
    () => false,
  );
  if (!there) return;
  await removeBelow(sweep, { s3, Bucket });
  await sweep.remove(`bucket ${Bucket}`, () => s3.send(new DeleteBucketCommand({ Bucket })));
}
