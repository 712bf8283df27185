import { checkCopySource } from './conditions.ts';
import { invalidArgument, S3Error } from './errors.ts';
import { lookUp, refuseArchived } from './find-version.ts';
import { checkOwner } from './guard.ts';
import type { S3Call } from './handler.ts';
import { versionHeader } from './handler.ts';
import { decodePath } from './request.ts';
import type { LiveVersion } from './store.ts';

const HEADER = 'x-amz-copy-source';

/**
 * The object that `x-amz-copy-source` names: `bucket/key` or `/bucket/key`, percent-encoded, with `?versionId=` or not.
 * It may be in any region.
 * @throws S3Error InvalidArgument, NoSuchBucket, NoSuchKey, AccessDenied, PreconditionFailed, InvalidObjectState
 */
export function findCopySource({ request, store }: S3Call): LiveVersion {
  const header = request.headers[HEADER] ?? '';
  const [, path = '', versionId] = /^\/?(.*?)(?:\?versionId=([^&]*))?$/s.exec(header) ?? [];
  const decoded = decodePath(path);
  const slash = decoded.indexOf('/');
  const bucket = decoded.slice(0, slash);
  const key = decoded.slice(slash + 1);
  if (slash < 1 || key === '') {
    throw invalidArgument('Invalid copy source object key', HEADER, header);
  }
  checkOwner(request.headers['x-amz-source-expected-bucket-owner'], store.bucket(bucket), store);
  const version = lookUp(store, { bucket, key }, versionId);
  checkCopySource(request.headers, version);
  refuseArchived(version, store);
  return version;
}

export function copySourceHeaders(call: S3Call, source: LiveVersion): Record<string, string> {
  const { 'x-amz-version-id': version } = versionHeader(call.store.state.bucket(source.bucket), source.versionId);
  return version === undefined ? {} : { 'x-amz-copy-source-version-id': version };
}

/** 5 GiB: more goes by UploadPartCopy. */
const COPY_LIMIT_BYTES = 5 * 1024 ** 3;

export function checkCopySize(sizeBytes: number): void {
  if (sizeBytes <= COPY_LIMIT_BYTES) return;
  const limit = 'The specified copy source is larger than the maximum allowable size for a copy source';
  throw new S3Error('InvalidRequest', `${limit}: ${COPY_LIMIT_BYTES}`);
}
