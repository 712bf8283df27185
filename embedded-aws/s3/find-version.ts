import { invalidArgument, noSuchKey, S3Error } from './errors.ts';
import type { S3Call } from './handler.ts';
import { versionHeader } from './handler.ts';
import { NULL_VERSION } from './model.ts';
import type { LiveVersion, S3Store } from './store.ts';
import { isLive } from './store.ts';

/** The object that a request with or without `versionId` means. @throws S3Error as `lookUp` */
export function findVersion(call: S3Call): LiveVersion {
  return lookUp(call.store, call, call.request.query.get('versionId') ?? undefined);
}

/** @throws S3Error NoSuchKey, NoSuchVersion, InvalidArgument, MethodNotAllowed (a delete marker asked for by its id) */
export function lookUp(
  store: S3Store,
  { bucket, key }: { bucket: string; key: string },
  versionId: string | undefined,
): LiveVersion {
  if (versionId === undefined) {
    const latest = store.latest(bucket, key);
    if (latest !== undefined && isLive(latest)) return latest;
    const marker = latest === undefined ? {} : markerHeaders(store, bucket, latest.versionId);
    throw noSuchKey(key, marker);
  }
  checkVersionId(versionId);
  const version = store.state.versions(bucket, key).find((candidate) => candidate.versionId === versionId);
  if (version === undefined) {
    const details = { Key: key, VersionId: versionId };
    throw new S3Error('NoSuchVersion', 'The specified version does not exist.', { status: 404, details });
  }
  if (isLive(version)) return version;
  const headers = { ...markerHeaders(store, bucket, versionId), allow: 'DELETE' };
  throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    status: 405,
    headers,
  });
}

/** @throws S3Error InvalidArgument */
export function checkVersionId(versionId: string): void {
  if (versionId !== NULL_VERSION && !/^[\w-]{32}$/.test(versionId)) {
    throw invalidArgument('Invalid version id specified', 'versionId', versionId);
  }
}

function markerHeaders(store: S3Store, bucket: string, versionId: string): Record<string, string> {
  return { 'x-amz-delete-marker': 'true', ...versionHeader(store.state.bucket(bucket), versionId) };
}

/** Storage classes whose objects must be restored before anything can read them. */
export const ARCHIVES = ['GLACIER', 'DEEP_ARCHIVE'];

/** @throws S3Error InvalidObjectState */
export function refuseArchived({ headers }: Pick<LiveVersion, 'headers'>, { answers }: S3Store): void {
  const storageClass = headers['x-amz-storage-class'] ?? '';
  if (!ARCHIVES.includes(storageClass) || answers.is('s3-archived', 'read')) return;
  throw new S3Error('InvalidObjectState', "The operation is not valid for the object's storage class", {
    status: 403,
    details: { StorageClass: storageClass },
  });
}
