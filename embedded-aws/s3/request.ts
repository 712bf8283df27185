import type { HttpRequest } from '../http/exchange.ts';
import { S3Error } from './errors.ts';

/** Where an S3 request points to. Undefined where it names none. */
export interface S3Address {
  readonly bucket?: string;
  readonly key?: string;
}

/**
 * Path style (`/bucket/key`), and virtual-host style for `bucket.localhost` and `bucket.s3.region.localhost`.
 * @throws S3Error InvalidURI
 */
export function readAddress(request: HttpRequest): S3Address {
  const path = request.rawPath.slice(1);
  const hosted = bucketOfHost(request.headers['host'] ?? '');
  if (hosted !== undefined) return { bucket: hosted, ...(path === '' ? {} : { key: decodePath(path) }) };
  const slash = path.indexOf('/');
  const bucket = decodePath(slash < 0 ? path : path.slice(0, slash));
  const key = slash < 0 ? '' : decodePath(path.slice(slash + 1));
  return { ...(bucket === '' ? {} : { bucket }), ...(key === '' ? {} : { key }) };
}

function bucketOfHost(host: string): string | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const prefix = /^(.+)\.(?:localhost|127\.0\.0\.1)$/.exec(name)?.[1];
  return prefix === undefined || /^s3(\.|$)/.test(prefix) ? undefined : prefix.replace(/\.s3(\..*)?$/, '');
}

export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI.");
  }
}

export type S3Operation = keyof typeof OPERATION_ROWS;

interface Row {
  readonly method: string;
  readonly level: 'bucket' | 'object';
  /** Query parameters that must be there, with this value where one is given. */
  readonly query?: Readonly<Record<string, string | null>>;
  readonly header?: string;
}

/** How operations are told apart. The first row that fits wins: what asks for more stands first. */
const OPERATION_ROWS = {
  HeadBucket: { method: 'HEAD', level: 'bucket' },
  CreateBucket: { method: 'PUT', level: 'bucket' },
  ListObjectsV2: { method: 'GET', level: 'bucket', query: { 'list-type': '2' } },
  UploadPartCopy: { method: 'PUT', level: 'object', query: { uploadId: null }, header: 'x-amz-copy-source' },
  UploadPart: { method: 'PUT', level: 'object', query: { uploadId: null } },
  CopyObject: { method: 'PUT', level: 'object', header: 'x-amz-copy-source' },
  PutObject: { method: 'PUT', level: 'object' },
  HeadObject: { method: 'HEAD', level: 'object' },
  GetObject: { method: 'GET', level: 'object' },
  AbortMultipartUpload: { method: 'DELETE', level: 'object', query: { uploadId: null } },
  DeleteObject: { method: 'DELETE', level: 'object' },
  CreateMultipartUpload: { method: 'POST', level: 'object', query: { uploads: null } },
  CompleteMultipartUpload: { method: 'POST', level: 'object', query: { uploadId: null } },
} as const satisfies Record<string, Row>;

/** Query parameters that name a resource of its own. Taking such a request for the plain operation would be wrong. */
const OTHER_RESOURCES = [
  'accelerate acl analytics attributes cors encryption intelligent-tiering inventory legal-hold',
  'lifecycle logging metrics notification object-lock ownershipControls policy policyStatus',
  'publicAccessBlock replication requestPayment restore retention select torrent website partNumber',
  'tagging session append renameObject',
].flatMap((line) => line.split(' '));

/** @returns undefined where the embedded S3 has no such operation */
export function operationOf(request: HttpRequest, address: S3Address): S3Operation | undefined {
  if (address.bucket === undefined) return undefined;
  const level = address.key === undefined ? 'bucket' : 'object';
  const rows: [string, Row][] = Object.entries(OPERATION_ROWS);
  const found = rows.find(([, row]) => row.method === request.method && row.level === level && fits(row, request));
  if (found === undefined) return undefined;
  const handled = Object.keys(found[1].query ?? {});
  const partNumbers = handled.includes('uploadId') ? ['partNumber'] : [];
  const foreign = OTHER_RESOURCES.some(
    (name) => request.query.has(name) && !handled.includes(name) && !partNumbers.includes(name),
  );
  return foreign ? undefined : (found[0] as S3Operation);
}

function fits(row: Row, request: HttpRequest): boolean {
  if (row.header !== undefined && request.headers[row.header] === undefined) return false;
  return Object.entries(row.query ?? {}).every(([name, value]) =>
    value === null ? request.query.has(name) : request.query.get(name) === value,
  );
}
