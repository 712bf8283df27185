import { open } from 'node:fs/promises';
import type { Reply } from '../http/exchange.ts';
import { checkRead } from './conditions.ts';
import { S3Error } from './errors.ts';
import { findVersion, refuseArchived } from './find-version.ts';
import type { S3Call } from './handler.ts';
import { versionHeader } from './handler.ts';
import { checksumHeaders, objectHeaders } from './object-headers.ts';
import type { LiveVersion } from './store.ts';

/** Bytes `first` to `last`, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** What is no longer than this is read at once: opening a stream costs more than reading it. */
const SMALL_BYTES = 64 * 1024;

export function headObject(call: S3Call): Reply {
  const { status, headers } = prepare(call);
  return { status, headers };
}

export async function getObject(call: S3Call): Promise<Reply> {
  const { status, headers, version, range } = prepare(call);
  refuseArchived(version, call.store);
  const file = await open(call.store.bodies.path(version.body.id));
  const sizeBytes = range.last - range.first + 1;
  if (sizeBytes > SMALL_BYTES) {
    const body = file.createReadStream({ start: range.first, end: range.last, highWaterMark: 256 * 1024 });
    return { status, headers, body };
  }
  const body = Buffer.alloc(sizeBytes);
  try {
    await file.read(body, 0, sizeBytes, range.first);
  } finally {
    await file.close();
  }
  return { status, headers, body };
}

interface Prepared {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly version: LiveVersion;
  readonly range: ByteRange;
}

function prepare(call: S3Call): Prepared {
  const { request, store, bucket } = call;
  const version = findVersion(call);
  checkRead(request.headers, version);
  const { sizeBytes } = version.body;
  const asked = readRange(request.headers['range'], sizeBytes);
  const range = asked ?? { first: 0, last: sizeBytes - 1 };
  const wantsChecksum = asked === undefined && request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
  const headers = {
    ...objectHeaders(version),
    ...versionHeader(store.state.bucket(bucket), version.versionId),
    ...(wantsChecksum ? checksumHeaders(version.body.checksum) : {}),
    ...overrides(request.query),
    'content-length': String(range.last - range.first + 1),
    ...(asked === undefined ? {} : { 'content-range': `bytes ${range.first}-${range.last}/${sizeBytes}` }),
  };
  return { status: asked === undefined ? 200 : 206, headers, version, range };
}

/**
 * One range, as `bytes=0-99`, `bytes=100-` or `bytes=-100`. Several ranges and other units are left alone, as S3 does.
 * @throws S3Error InvalidRange
 */
function readRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  const first = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const last = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (from !== '' && to !== '' && Number(to) < first) return undefined;
  if (first < sizeBytes && last >= first) return { first, last };
  const details = { RangeRequested: header ?? '', ActualObjectSize: sizeBytes };
  const headers = { 'content-range': `bytes */${sizeBytes}` };
  throw new S3Error('InvalidRange', 'The requested range is not satisfiable', { status: 416, details, headers });
}

/** `response-content-type` and its like in the query replace the header of that name. */
function overrides(query: URLSearchParams): Record<string, string> {
  const names = [
    'content-type',
    'content-language',
    'expires',
    'cache-control',
    'content-disposition',
    'content-encoding',
  ];
  const given = names.map((name) => [name, query.get(`response-${name}`)] as const);
  return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== null));
}
