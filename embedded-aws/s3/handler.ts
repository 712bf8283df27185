import type { RequestContext } from '../contracts.ts';
import type { HttpRequest, Reply } from '../http/exchange.ts';
import type { Bucket } from './model.ts';
import type { S3Store } from './store.ts';

/** What an operation is given: its bucket exists, is in the signature's region, and belongs to the expected owner. */
export interface S3Call {
  readonly store: S3Store;
  readonly request: HttpRequest;
  readonly context: RequestContext;
  /** Empty where the operation has none. */
  readonly bucket: string;
  readonly key: string;
}

export type S3Handler = (call: S3Call) => Reply | Promise<Reply>;

export const XML_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function xmlReply(body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, headers: { ...headers, 'content-type': 'application/xml' }, body };
}

/** Versions are only spoken of where the bucket has, or once had, versioning. */
export function versionHeader(bucket: Bucket | undefined, versionId: string): Record<string, string> {
  return bucket === undefined || bucket.versioning === 'Off' ? {} : { 'x-amz-version-id': versionId };
}
