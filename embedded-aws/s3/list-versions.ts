import type { Reply } from '../http/exchange.ts';
import type { XmlTree } from '../xml.ts';
import { writeXml } from '../xml.ts';
import type { S3Call } from './handler.ts';
import { XML_NAMESPACE, xmlReply } from './handler.ts';
import type { Encode } from './list-objects.ts';
import { objectTree, pageOf, readListQuery } from './list-objects.ts';
import type { ObjectVersion } from './model.ts';
import { compareKeys } from './state.ts';
import { isLive } from './store.ts';

interface Row {
  readonly version: ObjectVersion;
  readonly latest: boolean;
}

/** Newest version of each key first. */
export function listObjectVersions(call: S3Call): Reply {
  const { query } = call.request;
  const list = readListQuery(query);
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('version-id-marker') ?? '';
  const page = pageOf(rowsAfter(call, keyMarker, idMarker), list, undefined);
  const truncated = page.next !== undefined;
  const last = page.entries.at(-1)?.entry.version;
  const owner = { ID: call.store.ownerId };
  const trees = page.entries.map(({ entry }) => ({ entry, tree: versionTree(entry, list.encode, owner) }));
  const result = {
    Name: call.bucket,
    Prefix: list.encode(list.prefix),
    KeyMarker: list.encode(keyMarker),
    VersionIdMarker: idMarker,
    NextKeyMarker: truncated ? list.encode(page.next ?? '') : undefined,
    NextVersionIdMarker: truncated && last?.key === page.next ? last?.versionId : undefined,
    MaxKeys: list.pageSize,
    Delimiter: list.delimiter === '' ? undefined : list.encode(list.delimiter),
    EncodingType: list.encodingType,
    IsTruncated: truncated,
    Version: trees.filter(({ entry }) => isLive(entry.version)).map(({ tree }) => tree),
    DeleteMarker: trees.filter(({ entry }) => !isLive(entry.version)).map(({ tree }) => tree),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: list.encode(prefix) })),
  };
  return xmlReply(writeXml('ListVersionsResult', result, XML_NAMESPACE));
}

function* rowsAfter(
  { store, bucket }: S3Call,
  keyMarker: string,
  idMarker: string,
): Generator<{ key: string; entry: Row }> {
  for (const key of store.state.keys(bucket)) {
    const order = keyMarker === '' ? 1 : compareKeys(key, keyMarker);
    if (order < 0 || (order === 0 && idMarker === '')) continue;
    const versions = store.state.versions(bucket, key).toReversed();
    const from = order === 0 ? versions.findIndex(({ versionId }) => versionId === idMarker) + 1 : 0;
    for (const version of versions.slice(from)) yield { key, entry: { version, latest: version === versions[0] } };
  }
}

function versionTree({ version, latest }: Row, encode: Encode, owner: XmlTree): XmlTree {
  const common = { VersionId: version.versionId, IsLatest: latest };
  if (isLive(version)) return { ...objectTree(version, encode, owner), ...common };
  const lastModified = new Date(Math.floor(version.lastModifiedMs / 1000) * 1000).toISOString();
  return { Key: encode(version.key), ...common, LastModified: lastModified, Owner: owner };
}
