import type { Bucket, ObjectVersion, Part, S3Event, Upload } from './model.ts';

interface BucketState {
  readonly bucket: Bucket;
  /** Oldest first: the last one is current. */
  readonly versions: Map<string, ObjectVersion[]>;
  /** Keys in the order of their UTF-8 bytes; made when asked for, dropped when a key comes or goes. */
  sortedKeys: readonly string[] | undefined;
}

export interface UploadState {
  readonly upload: Upload;
  readonly parts: Map<number, Part>;
}

/** All buckets, objects and uploads, in memory. Changes by events only. */
export class S3State {
  private readonly bucketsByName = new Map<string, BucketState>();
  private readonly uploadsById = new Map<string, UploadState>();

  /** @returns the ids of the bodies that nothing refers to any more */
  apply(event: S3Event): string[] {
    switch (event.event) {
      case 'bucket': {
        const known = this.bucketsByName.get(event.bucket.name);
        const versions = known?.versions ?? new Map<string, ObjectVersion[]>();
        this.bucketsByName.set(event.bucket.name, { bucket: event.bucket, versions, sortedKeys: known?.sortedKeys });
        return [];
      }
      case 'version':
        return this.putVersion(event.version);
      case 'version-deleted':
        return this.removeVersion(event.bucket, event.key, event.versionId);
      case 'upload':
        this.uploadsById.set(event.upload.id, { upload: event.upload, parts: new Map() });
        return [];
      case 'part':
        return this.putPart(event.uploadId, event.part);
      case 'upload-ended': {
        const parts = this.uploadsById.get(event.uploadId)?.parts ?? new Map<number, Part>();
        this.uploadsById.delete(event.uploadId);
        return Array.from(parts.values(), (part) => part.id);
      }
    }
  }

  /** The fewest events that lead here. */
  *events(): Generator<S3Event> {
    for (const { bucket, versions } of this.bucketsByName.values()) {
      yield { event: 'bucket', bucket };
      for (const ofKey of versions.values()) for (const version of ofKey) yield { event: 'version', version };
    }
    for (const { upload, parts } of this.uploadsById.values()) {
      yield { event: 'upload', upload };
      for (const part of parts.values()) yield { event: 'part', uploadId: upload.id, part };
    }
  }

  bucket(name: string): Bucket | undefined {
    return this.bucketsByName.get(name)?.bucket;
  }

  /** Oldest first, delete markers with them. */
  versions(bucket: string, key: string): readonly ObjectVersion[] {
    return this.bucketsByName.get(bucket)?.versions.get(key) ?? [];
  }

  /** Every key that has a version, in byte order. */
  keys(bucket: string): readonly string[] {
    const state = this.bucketsByName.get(bucket);
    if (state === undefined) return [];
    state.sortedKeys ??= Array.from(state.versions.keys()).sort(compareKeys);
    return state.sortedKeys;
  }

  upload(id: string): UploadState | undefined {
    return this.uploadsById.get(id);
  }

  private putVersion(version: ObjectVersion): string[] {
    const state = this.bucketsByName.get(version.bucket);
    if (state === undefined) return bodyIds(version);
    const before = state.versions.get(version.key);
    if (before === undefined) state.sortedKeys = undefined;
    const replaced = before?.find(({ versionId }) => versionId === version.versionId);
    const others = before?.filter((other) => other !== replaced) ?? [];
    state.versions.set(version.key, [...others, version]);
    return replaced === undefined ? [] : bodyIds(replaced);
  }

  private removeVersion(bucket: string, key: string, versionId: string): string[] {
    const state = this.bucketsByName.get(bucket);
    const before = state?.versions.get(key) ?? [];
    const after = before.filter((version) => version.versionId !== versionId);
    if (after.length > 0) state?.versions.set(key, after);
    else if (state?.versions.delete(key) === true) state.sortedKeys = undefined;
    return before.filter((version) => version.versionId === versionId).flatMap(bodyIds);
  }

  private putPart(uploadId: string, part: Part): string[] {
    const parts = this.uploadsById.get(uploadId)?.parts;
    if (parts === undefined) return [part.id];
    const replaced = parts.get(part.number);
    parts.set(part.number, part);
    return replaced === undefined ? [] : [replaced.id];
  }
}

function bodyIds(version: ObjectVersion): string[] {
  return version.body === undefined ? [] : [version.body.id];
}

/** S3 lists by UTF-8 bytes. UTF-16 units sort likewise except where surrogates are. */
export function compareKeys(a: string, b: string): number {
  const surrogates = /[\ud800-\udfff]/;
  if (surrogates.test(a) || surrogates.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
