/**
 * What the parts of the embedded AWS hand to each other. The HTTP front knows no service; a service knows no HTTP.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Who asks, and where: region and access key come from the signature's credential scope. */
export interface RequestContext {
  readonly region: string;
  readonly accountId: string;
  readonly accessKeyId: string;
}

/** An error as AWS would answer it. `code` is the exception's name (`ValidationException`, `NoSuchKey`). */
export class AwsError extends Error {
  readonly code: string;
  readonly httpStatus: number;

  constructor(code: string, message: string, httpStatus = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.httpStatus = httpStatus;
  }
}

/** A service that speaks AWS JSON 1.1: `X-Amz-Target: <prefix>.<operation>`. */
export interface JsonService {
  /** The part of `X-Amz-Target` before the dot (`SageMaker`, `Logs_20140328`). */
  readonly targetPrefix: string;
  handle(operation: string, input: JsonObject, context: RequestContext): Promise<JsonObject>;
  /** Stops what still runs (processing jobs). */
  close?(): Promise<void>;
}

/** One object of the store. The body is always a file, so that a model of many gigabytes needs no memory. */
export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly bodyPath: string;
  readonly sizeBytes: number;
  /** With no quotes around it. */
  readonly etag: string;
  readonly versionId?: string;
  readonly lastModifiedMs: number;
  readonly contentType?: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** In a storage class that nothing can read before the object is restored. */
  readonly archived?: boolean;
}

/** What the services behind S3 (processing jobs, model packages) need of it. */
export interface ObjectStore {
  /** AWS region of the bucket, or undefined where there is no such bucket. */
  bucketRegion(bucket: string): string | undefined;
  createBucket(bucket: string, region: string, options?: { versioned?: boolean; ownerId?: string }): Promise<void>;
  head(bucket: string, key: string): StoredObject | undefined;
  /** All objects whose key begins with the prefix, in byte order of their keys. */
  list(bucket: string, prefix: string): StoredObject[];
  /** Takes a copy of the file. */
  putFile(bucket: string, key: string, path: string): Promise<StoredObject>;
  putBytes(bucket: string, key: string, bytes: Uint8Array): Promise<StoredObject>;
}

/** CloudWatch Logs, as seen by what writes to it. */
export interface LogSink {
  append(
    context: RequestContext,
    group: string,
    stream: string,
    lines: readonly { atMs: number; message: string }[],
  ): void;
}

/** A clock that tests can replace. Times are milliseconds since 1970. */
export interface Clock {
  nowMs(): number;
}

/** Keeps one JSON value by name over restarts; in memory where the server has no state folder. */
export interface StateFile {
  load(name: string): JsonObject | undefined;
  save(name: string, value: JsonObject): void;
}
