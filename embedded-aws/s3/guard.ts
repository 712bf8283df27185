import type { S3Call } from './handler.ts';
import { invalidArgument, S3Error } from './errors.ts';
import type { Bucket } from './model.ts';
import type { S3Operation } from './request.ts';
import type { S3Store } from './store.ts';

const KEY_LIMIT_BYTES = 1024;

/**
 * What holds for every operation on a bucket.
 * @throws S3Error NoSuchBucket, PermanentRedirect, AccessDenied, KeyTooLongError
 */
export function guard(operation: S3Operation, call: S3Call): void {
  if (operation === 'CreateBucket') return;
  const bucket = call.store.bucket(call.bucket);
  checkOwner(call.request.headers['x-amz-expected-bucket-owner'], bucket, call.store);
  if (bucket.region !== call.context.region) throw permanentRedirect(bucket);
  const sizeBytes = Buffer.byteLength(call.key);
  if (sizeBytes > KEY_LIMIT_BYTES) {
    const details = { Size: sizeBytes, MaxSizeAllowed: KEY_LIMIT_BYTES };
    throw new S3Error('KeyTooLongError', 'Your key is too long', { details });
  }
}

/** @throws S3Error AccessDenied: this is all that AWS says when the owner is another one */
export function checkOwner(expected: string | undefined, bucket: Bucket, store: S3Store): void {
  if (expected === undefined || store.answers.is('s3-bucket-owner', 'ignored')) return;
  if (expected === (bucket.ownerId ?? store.ownerId)) return;
  if (!/^\d{12}$/.test(expected)) {
    const message = 'The value of the expected bucket owner parameter must be an AWS Account ID';
    throw invalidArgument(message, 'owner', expected);
  }
  throw new S3Error('AccessDenied', 'Access Denied', { status: 403 });
}

/** Clients of a wrong region learn the right one from the header, and some sign again by themselves. */
function permanentRedirect(bucket: Bucket): S3Error {
  const message =
    'The bucket you are attempting to access must be addressed using the specified endpoint. ' +
    'Please send all future requests to this endpoint.';
  return new S3Error('PermanentRedirect', message, {
    status: 301,
    details: {
      Endpoint: `${bucket.name}.s3.${bucket.region}.amazonaws.com`,
      Bucket: bucket.name,
      Region: bucket.region,
    },
    headers: { 'x-amz-bucket-region': bucket.region },
  });
}
