import { stat } from 'node:fs/promises';
import type { ObjectStore, StoredObject } from '../contracts.ts';
import { digestBody } from './assemble.ts';
import { checkBucketName } from './buckets.ts';
import { ARCHIVES } from './find-version.ts';
import { checksumOf } from './checksums.ts';
import { S3Error } from './errors.ts';
import { createHash } from 'node:crypto';
import type { ObjectBody } from './model.ts';
import { NULL_VERSION } from './model.ts';
import type { LiveVersion, S3Store } from './store.ts';

/** The store as the services behind S3 see it: no HTTP, no signatures, no regions to be wrong about. */
export function createObjectStore(store: S3Store): ObjectStore {
  const view = (version: LiveVersion) => viewOf(store, version);
  const put = (bucket: string, key: string, body: ObjectBody): StoredObject => {
    const headers = { 'content-type': 'binary/octet-stream', 'x-amz-server-side-encryption': 'AES256' };
    return view({ ...store.putVersion({ bucket, key, headers, metadata: {}, body }), body });
  };
  return {
    bucketRegion: (bucket) => store.state.bucket(bucket)?.region,
    async createBucket(name, region, options = {}) {
      checkBucketName(name);
      const existing = store.state.bucket(name);
      if (existing !== undefined && existing.region !== region) {
        throw new S3Error('BucketAlreadyExists', `Bucket ${name} exists in ${existing.region}, not in ${region}.`);
      }
      const createdAtMs = existing?.createdAtMs ?? store.clock.nowMs();
      const versioning = options.versioned === true ? 'Enabled' : (existing?.versioning ?? 'Off');
      const ownerId = options.ownerId ?? existing?.ownerId;
      const owner = ownerId === undefined ? {} : { ownerId };
      store.commit({ event: 'bucket', bucket: { name, region, createdAtMs, versioning, ...owner } });
    },
    head(bucket, key) {
      const version = store.current(bucket, key);
      return version === undefined ? undefined : view(version);
    },
    list: (bucket, prefix) =>
      store.state
        .keys(bucket)
        .filter((key) => key.startsWith(prefix))
        .flatMap((key) => store.current(bucket, key) ?? [])
        .map(view),
    async putFile(bucket, key, path) {
      store.bucket(bucket);
      const id = await store.bodies.takeCopy(path);
      const { size: sizeBytes } = await stat(store.bodies.path(id));
      const { md5, checksum = '' } = await digestBody(store.bodies.path(id), 'CRC32');
      return put(bucket, key, {
        id,
        sizeBytes,
        etag: md5,
        checksum: { algorithm: 'CRC32', value: checksum, type: 'FULL_OBJECT' },
      });
    },
    async putBytes(bucket, key, bytes) {
      store.bucket(bucket);
      const id = await store.bodies.write(bytes);
      const etag = createHash('md5').update(bytes).digest('hex');
      const value = checksumOf('CRC32', bytes);
      const checksum = { algorithm: 'CRC32', value, type: 'FULL_OBJECT' } as const;
      return put(bucket, key, { id, sizeBytes: bytes.length, etag, checksum });
    },
  };
}

function viewOf(store: S3Store, version: LiveVersion): StoredObject {
  const { bucket, key, body, versionId, lastModifiedMs, metadata } = version;
  const { 'content-type': contentType, 'x-amz-storage-class': storageClass } = version.headers;
  const archived = ARCHIVES.includes(storageClass ?? '') && store.answers.is('s3-archived', 'refused');
  return {
    bucket,
    key,
    bodyPath: store.bodies.path(body.id),
    sizeBytes: body.sizeBytes,
    etag: body.etag,
    ...(versionId === NULL_VERSION ? {} : { versionId }),
    lastModifiedMs,
    ...(contentType === undefined ? {} : { contentType }),
    ...(archived ? { archived } : {}),
    metadata,
  };
}
