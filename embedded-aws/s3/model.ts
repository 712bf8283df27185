import type { ChecksumAlgorithm } from './checksums.ts';

/** What the store knows. Everything here is plain data: it goes into the journal as it is. */

type Versioning = 'Off' | 'Enabled';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; a composite one ends in a dash and the number of parts. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

/** The version id of what was written while versioning was off. */
export const NULL_VERSION = 'null';

export interface ObjectVersion {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  /** Undefined for a delete marker. */
  readonly body?: ObjectBody;
  readonly lastModifiedMs: number;
  /** Headers that are answered as they were given: content type, encryption, storage class, and so on. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names without `x-amz-meta-`, in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ObjectBody {
  readonly id: string;
  readonly sizeBytes: number;
  /** With no quotes around it. */
  readonly etag: string;
  readonly checksum?: Checksum;
}

export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly createdAtMs: number;
  readonly versioning: Versioning;
  /** Where it is another account's: who may use it is not asked, whose it is can be (ExpectedBucketOwner). */
  readonly ownerId?: string;
}

export interface Part extends ObjectBody {
  readonly number: number;
  readonly lastModifiedMs: number;
}

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly startedAtMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly type: Checksum['type'] };
}

/** Every change of the store. Applied to an empty state in order, they give the present one. */
export type S3Event =
  | { readonly event: 'bucket'; readonly bucket: Bucket }
  | { readonly event: 'version'; readonly version: ObjectVersion }
  | { readonly event: 'version-deleted'; readonly bucket: string; readonly key: string; readonly versionId: string }
  | { readonly event: 'upload'; readonly upload: Upload }
  | { readonly event: 'part'; readonly uploadId: string; readonly part: Part }
  | { readonly event: 'upload-ended'; readonly uploadId: string };
