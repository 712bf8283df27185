import type { Reply } from '../http/exchange.ts';
import type { XmlTree } from '../xml.ts';
import { writeXml } from '../xml.ts';
import { invalidArgument } from './errors.ts';
import type { S3Call } from './handler.ts';
import { XML_NAMESPACE, xmlReply } from './handler.ts';
import { compareKeys } from './state.ts';
import type { LiveVersion } from './store.ts';

/** The most that one answer lists, and the default. */
const PAGE_LIMIT = 1000;

type Encode = (text: string) => string;

interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly pageSize: number;
  readonly encode: Encode;
  readonly encodingType: 'url' | undefined;
}

interface Page {
  readonly entries: readonly LiveVersion[];
  readonly commonPrefixes: readonly string[];
  /** The key or common prefix after which the next page begins; undefined on the last page. */
  readonly next?: string;
}

function readListQuery(query: URLSearchParams): ListQuery {
  const encodingType = query.get('encoding-type') || undefined;
  if (encodingType !== undefined && encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    pageSize: readPageSize(query.get('max-keys')),
    encodingType,
    encode: encodingType === undefined ? (text) => text : (text) => encodeURIComponent(text).replaceAll('%2F', '/'),
  };
}

function readPageSize(text: string | null): number {
  if (text === null || text === '') return PAGE_LIMIT;
  if (!/^\d{1,9}$/.test(text)) {
    throw invalidArgument('Provided max-keys not an integer or within integer range', 'max-keys', text);
  }
  return Math.min(Number(text), PAGE_LIMIT);
}

/**
 * One page of sorted keys. Keys that share what comes before the delimiter count as one entry.
 * @param after keys up to this one, and those under it where it is a common prefix, were listed before
 */
function pageOf(versions: Iterable<LiveVersion>, query: ListQuery, after: string | undefined): Page {
  const entries: LiveVersion[] = [];
  const commonPrefixes: string[] = [];
  let last: string | undefined;
  for (const version of versions) {
    if (!version.key.startsWith(query.prefix)) continue;
    const common = commonPrefixOf(version.key, query);
    const place = common ?? version.key;
    if (after !== undefined && compareKeys(place, after) <= 0) continue;
    if (common !== undefined && common === commonPrefixes.at(-1)) continue;
    if (entries.length + commonPrefixes.length >= query.pageSize) {
      return { entries, commonPrefixes, ...(last === undefined ? {} : { next: last }) };
    }
    last = place;
    if (common === undefined) entries.push(version);
    else commonPrefixes.push(common);
  }
  return { entries, commonPrefixes };
}

function commonPrefixOf(key: string, { prefix, delimiter }: ListQuery): string | undefined {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function* liveVersions({ store, bucket }: S3Call): Generator<LiveVersion> {
  for (const key of store.state.keys(bucket)) {
    const version = store.current(bucket, key);
    if (version !== undefined) yield version;
  }
}

export function listObjectsV2(call: S3Call): Reply {
  const { query } = call.request;
  const list = readListQuery(query);
  const token = query.get('continuation-token') ?? undefined;
  const startAfter = query.get('start-after') ?? undefined;
  const endless = call.store.answers.is('pages', 'endless');
  const after = token === undefined || endless ? startAfter : readToken(token);
  const found = pageOf(liveVersions(call), list, after);
  const page = endless ? { ...found, next: '' } : found;
  const owner = query.get('fetch-owner') === 'true' ? { ID: call.store.ownerId } : undefined;
  const result = {
    Name: call.bucket,
    Prefix: list.encode(list.prefix),
    Delimiter: list.delimiter === '' ? undefined : list.encode(list.delimiter),
    MaxKeys: list.pageSize,
    EncodingType: list.encodingType,
    IsTruncated: page.next !== undefined,
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: list.encode(prefix) })),
    KeyCount: page.entries.length + page.commonPrefixes.length,
    ContinuationToken: token,
    NextContinuationToken: page.next === undefined ? undefined : writeToken(page.next),
    StartAfter: startAfter === undefined ? undefined : list.encode(startAfter),
    Contents: page.entries.map((version) => objectTree(version, list.encode, owner)),
  };
  return xmlReply(writeXml('ListBucketResult', result, XML_NAMESPACE));
}

function objectTree(version: LiveVersion, encode: Encode, owner: XmlTree | undefined): XmlTree {
  const { checksum, etag, sizeBytes } = version.body;
  return {
    Key: encode(version.key),
    LastModified: new Date(Math.floor(version.lastModifiedMs / 1000) * 1000).toISOString(),
    ETag: `"${etag}"`,
    ChecksumAlgorithm: checksum?.algorithm,
    ChecksumType: checksum?.type,
    Size: sizeBytes,
    Owner: owner,
    StorageClass: version.headers['x-amz-storage-class'] ?? 'STANDARD',
  };
}

function writeToken(key: string): string {
  return Buffer.from(`1${key}`).toString('base64');
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString('utf8');
  if (text.startsWith('1') && writeToken(text.slice(1)) === token) return text.slice(1);
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
}
