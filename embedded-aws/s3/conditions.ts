import type { HttpRequest } from '../http/exchange.ts';
import { noSuchKey, notImplemented, preconditionFailed, S3Error } from './errors.ts';
import type { S3Call } from './handler.ts';
import type { ObjectVersion } from './model.ts';
import { usesKms } from './object-headers.ts';
import type { LiveVersion } from './store.ts';

type Headers = HttpRequest['headers'];

/**
 * Conditional writes. Called before the body is taken, so that nobody sends gigabytes in vain, and once more, in the
 * same tick as the commit, where it decides.
 * @throws S3Error PreconditionFailed, NoSuchKey, AccessDenied (a bucket policy asks for a condition)
 */
export function checkWrite({ request, store, bucket, key }: S3Call, attributes: Pick<ObjectVersion, 'headers'>): void {
  const { 'if-none-match': noneMatch, 'if-match': match, 'x-amz-copy-source': copySource } = request.headers;
  const { answers } = store;
  if (answers.is('s3-bucket-policy', 'conditional-writes')) {
    if (noneMatch === undefined && match === undefined)
      throw new S3Error('AccessDenied', 'Access Denied', { status: 403 });
    if (copySource !== undefined) throw notImplemented('If-None-Match');
  }
  const kept = answers.get(usesKms(attributes) ? 's3-conditional-put-kms' : 's3-conditional-put');
  if (kept === 'ignored') return;
  const current = store.current(bucket, key);
  if (noneMatch !== undefined && noneMatch !== '*') throw notImplemented('If-None-Match');
  if (noneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match');
  if (match === undefined) return;
  if (current === undefined) throw noSuchKey(key);
  if (!matches(match, current)) throw preconditionFailed('If-Match');
}

/** @throws S3Error PreconditionFailed, or one of status 304 */
export function checkRead(headers: Headers, version: LiveVersion): void {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined && !matches(match, version)) throw preconditionFailed('If-Match');
  if (match === undefined && changedSince(headers['if-unmodified-since'], version) === true) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const known =
    noneMatch === undefined
      ? changedSince(headers['if-modified-since'], version) === false
      : matches(noneMatch, version);
  if (known)
    throw new S3Error('NotModified', 'Not Modified', { status: 304, headers: { etag: `"${version.body.etag}"` } });
}

/** @throws S3Error PreconditionFailed */
export function checkCopySource(headers: Headers, source: LiveVersion): void {
  const prefix = 'x-amz-copy-source-';
  const { [`${prefix}if-match`]: match, [`${prefix}if-none-match`]: noneMatch } = headers;
  if (match !== undefined && !matches(match, source)) throw preconditionFailed(`${prefix}If-Match`);
  if (match === undefined && changedSince(headers[`${prefix}if-unmodified-since`], source) === true) {
    throw preconditionFailed(`${prefix}If-Unmodified-Since`);
  }
  if (noneMatch !== undefined && matches(noneMatch, source)) throw preconditionFailed(`${prefix}If-None-Match`);
  if (noneMatch === undefined && changedSince(headers[`${prefix}if-modified-since`], source) === false) {
    throw preconditionFailed(`${prefix}If-Modified-Since`);
  }
}

function matches(condition: string, version: LiveVersion): boolean {
  const wanted = condition.split(',').map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''));
  return wanted.includes('*') || wanted.includes(version.body.etag);
}

/** Undefined where no usable date is given. HTTP dates have seconds only. */
function changedSince(date: string | undefined, version: LiveVersion): boolean | undefined {
  const dateMs = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(dateMs) ? undefined : Math.floor(version.lastModifiedMs / 1000) * 1000 > dateMs;
}
