/** S3's part of the clean-up: all versions below the run's prefix, unfinished uploads, and a bucket of its own. */
import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Sweep } from './cleanup.ts';

export async function removeObjects(sweep: Sweep, s3: S3Client, bucket: string): Promise<void> {
  const { keyPrefix, run } = sweep.place;
  await removeBelow(sweep, s3, { Bucket: bucket, Prefix: `${keyPrefix}${run}/` });
}

async function removeBelow(sweep: Sweep, s3: S3Client, at: { Bucket: string; Prefix?: string }): Promise<void> {
  const where = `s3://${at.Bucket}/${at.Prefix ?? ''}`;
  const { Uploads } = await s3.send(new ListMultipartUploadsCommand(at));
  for (const { Key, UploadId } of Uploads ?? []) {
    await sweep.remove(`upload ${Key ?? ''}`, () =>
      s3.send(new AbortMultipartUploadCommand({ Bucket: at.Bucket, Key, UploadId })),
    );
  }
  // What was listed is gone with each round; a round that removes nothing would repeat for ever.
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand(at));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) return;
    let done = false;
    await sweep.remove(`${where} (${Objects.length} objects)`, async () => {
      const { Errors = [] } = await s3.send(
        new DeleteObjectsCommand({ Bucket: at.Bucket, Delete: { Objects, Quiet: true } }),
      );
      const first = Errors[0];
      if (first !== undefined) throw new Error(`${Errors.length} remain: ${first.Key ?? ''}: ${first.Message ?? ''}`);
      done = true;
    });
    if (!done) return;
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
  await removeBelow(sweep, s3, { Bucket });
  await sweep.remove(`bucket ${Bucket}`, () => s3.send(new DeleteBucketCommand({ Bucket })));
}
