import { randomBytes } from 'node:crypto';
import type { Reply } from '../http/exchange.ts';
import { checkWrite } from './conditions.ts';
import { checkVersionId } from './find-version.ts';
import type { S3Call } from './handler.ts';
import { versionHeader } from './handler.ts';
import type { ObjectBody, ObjectVersion } from './model.ts';
import { NULL_VERSION } from './model.ts';
import type { ObjectAttributes } from './object-headers.ts';
import { checksumHeaders, encryptionHeaders, readAttributes, usesKms } from './object-headers.ts';
import { receiveBody } from './receive.ts';
import type { S3Store } from './store.ts';

export async function putObject(call: S3Call): Promise<Reply> {
  const attributes = readAttributes(call);
  checkWrite(call, attributes);
  const body = await receiveBody(call.request, call.store.bodies);
  const version = await commitObject(call, attributes, body);
  return { status: 200, headers: { etag: `"${version.body?.etag}"`, ...writeHeaders(call, version) } };
}

/**
 * Checks the conditions of the write and makes it, in one tick: of two writers that ask for the same, one wins.
 * @throws S3Error PreconditionFailed, NoSuchKey, NoSuchBucket (it was deleted meanwhile); the body is gone then
 */
export async function commitObject(
  call: S3Call,
  attributes: ObjectAttributes,
  body: ObjectBody,
): Promise<ObjectVersion> {
  const { store, bucket, key } = call;
  try {
    store.bucket(bucket);
    checkWrite(call, attributes);
  } catch (error) {
    await store.bodies.drop(body.id);
    throw error;
  }
  return store.putVersion({ bucket, key, ...attributes, body: withEtag(attributes, body, store) });
}

/** The ETag of what KMS encrypts is no MD5 of the content, so that nobody comes to rely on it. */
function withEtag(attributes: Pick<ObjectAttributes, 'headers'>, body: ObjectBody, { answers }: S3Store): ObjectBody {
  if (!usesKms(attributes) || answers.is('s3-kms-etag', 'md5')) return body;
  return { ...body, etag: randomBytes(16).toString('hex') + (/-\d+$/.exec(body.etag)?.[0] ?? '') };
}

/** What every write answers, but for the ETag, which some put into the document. */
function writeHeaders(call: S3Call, version: ObjectVersion): Record<string, string> {
  return {
    ...versionHeader(call.store.state.bucket(call.bucket), version.versionId),
    ...encryptionHeaders(version.headers),
    ...checksumHeaders(version.body?.checksum),
  };
}

/** Deleting what is not there succeeds. */
export function deleteObject({ store, request, bucket, key }: S3Call): Reply {
  const versionId = request.query.get('versionId');
  if (versionId !== null) {
    checkVersionId(versionId);
    const version = store.state.versions(bucket, key).find((candidate) => candidate.versionId === versionId);
    if (version !== undefined) store.commit({ event: 'version-deleted', bucket, key, versionId });
    const marker = version !== undefined && version.body === undefined;
    return deletedReply(versionId, marker);
  }
  if (store.bucket(bucket).versioning === 'Enabled') {
    return deletedReply(store.putVersion({ bucket, key, headers: {}, metadata: {} }).versionId, true);
  }
  if (store.latest(bucket, key) !== undefined) {
    store.commit({ event: 'version-deleted', bucket, key, versionId: NULL_VERSION });
  }
  return { status: 204 };
}

/** @param marker a delete marker was made, or removed */
function deletedReply(versionId: string, marker: boolean): Reply {
  return {
    status: 204,
    headers: { 'x-amz-version-id': versionId, ...(marker ? { 'x-amz-delete-marker': 'true' } : {}) },
  };
}
