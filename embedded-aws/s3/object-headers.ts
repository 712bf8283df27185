import type { HttpRequest } from '../http/exchange.ts';
import type { S3Call } from './handler.ts';
import { invalidArgument, notImplemented, S3Error } from './errors.ts';
import type { Checksum, ObjectVersion } from './model.ts';
import type { LiveVersion } from './store.ts';

const METADATA_PREFIX = 'x-amz-meta-';
const METADATA_LIMIT_BYTES = 2048;
const ENCRYPTION = 'x-amz-server-side-encryption';
const KMS_KEY = `${ENCRYPTION}-aws-kms-key-id`;

/** Kept as they are given, and answered with the object. */
const KEPT_HEADERS = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
  'x-amz-storage-class',
  'x-amz-website-redirect-location',
  ENCRYPTION,
  KMS_KEY,
  `${ENCRYPTION}-bucket-key-enabled`,
];

export type ObjectAttributes = Pick<ObjectVersion, 'headers' | 'metadata'>;

/** @throws S3Error InvalidArgument, MetadataTooLarge, NotImplemented, KMS.NotFoundException */
export function readAttributes({ request, context }: S3Call): ObjectAttributes {
  const { headers } = request;
  const customerKey = `${ENCRYPTION}-customer-algorithm`;
  if (headers[customerKey] !== undefined) throw notImplemented(customerKey);
  checkEncryption(headers, context.region);
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = name === 'content-encoding' ? withoutFraming(headers[name]) : headers[name];
    if (value !== undefined && value !== '') kept[name] = value;
  }
  return {
    headers: { 'content-type': 'binary/octet-stream', [ENCRYPTION]: 'AES256', ...kept },
    metadata: readMetadata(headers),
  };
}

function readMetadata(headers: HttpRequest['headers']): Record<string, string> {
  const metadata: Record<string, string> = {};
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(METADATA_PREFIX) || value === undefined) continue;
    metadata[name.slice(METADATA_PREFIX.length)] = value;
    sizeBytes += name.length - METADATA_PREFIX.length + Buffer.byteLength(value, 'latin1');
  }
  if (sizeBytes > METADATA_LIMIT_BYTES) {
    const details = { Size: sizeBytes, MaxSizeAllowed: METADATA_LIMIT_BYTES };
    throw new S3Error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      details,
    });
  }
  return metadata;
}

function checkEncryption(headers: HttpRequest['headers'], region: string): void {
  const encryption = headers[ENCRYPTION];
  const key = headers[KMS_KEY];
  if (encryption !== undefined && !['AES256', 'aws:kms', 'aws:kms:dsse'].includes(encryption)) {
    throw invalidArgument('The encryption method specified is not supported', ENCRYPTION, encryption);
  }
  if (key === undefined) return;
  if (encryption === undefined || encryption === 'AES256') {
    const message = `Server Side Encryption with AWS KMS managed key requires HTTP header ${ENCRYPTION} : aws:kms`;
    throw invalidArgument(message, ENCRYPTION, encryption ?? 'null');
  }
  // A key serves its own region only; this is the code and text by which S3 refuses one of another.
  const keyRegion = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):/.exec(key)?.[1];
  if (keyRegion !== undefined && keyRegion !== region) {
    throw new S3Error('KMS.NotFoundException', `Invalid arn ${keyRegion}`);
  }
}

/** The framing is of the request, not of the object. */
function withoutFraming(encoding: string | undefined): string | undefined {
  const parts = encoding?.split(',').map((part) => part.trim());
  return parts?.filter((part) => part !== 'aws-chunked').join(',');
}

export function usesKms(attributes: Pick<ObjectAttributes, 'headers'>): boolean {
  return attributes.headers[ENCRYPTION]?.startsWith('aws:kms') === true;
}

/** What a write answers about how the object is kept. */
export function encryptionHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(ENCRYPTION)));
}

export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return {
    [`x-amz-checksum-${checksum.algorithm.toLowerCase()}`]: checksum.value,
    'x-amz-checksum-type': checksum.type,
  };
}

/** Everything that GetObject and HeadObject say of an object, but its length and its version. */
export function objectHeaders(version: LiveVersion): Record<string, string> {
  const { 'x-amz-storage-class': storageClass, ...headers } = version.headers;
  return {
    ...headers,
    ...(storageClass === undefined || storageClass === 'STANDARD' ? {} : { 'x-amz-storage-class': storageClass }),
    ...Object.fromEntries(Object.entries(version.metadata).map(([name, value]) => [METADATA_PREFIX + name, value])),
    etag: `"${version.body.etag}"`,
    'last-modified': new Date(version.lastModifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
  };
}
