import type { Reply } from '../http/exchange.ts';
import { writeXml } from '../xml.ts';
import type { S3Call } from './handler.ts';
import { XML_NAMESPACE, xmlReply } from './handler.ts';
import { pageOf, readListQuery, readPageSize } from './list-objects.ts';
import { findUpload } from './multipart.ts';
import { compareKeys } from './state.ts';

export function listParts(call: S3Call): Reply {
  const { query } = call.request;
  const { upload, parts } = findUpload(call);
  const after = Number(query.get('part-number-marker') ?? 0);
  const size = readPageSize(query.get('max-parts'), 'max-parts');
  const left = Array.from(parts.values())
    .filter((part) => part.number > after)
    .sort((a, b) => a.number - b.number);
  const page = left.slice(0, size);
  const result = {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: after,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: size,
    IsTruncated: left.length > page.length,
    Initiator: { ID: call.store.ownerId },
    Owner: { ID: call.store.ownerId },
    StorageClass: upload.headers['x-amz-storage-class'] ?? 'STANDARD',
    ChecksumAlgorithm: upload.checksum?.algorithm,
    ChecksumType: upload.checksum?.type,
    Part: page.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.lastModifiedMs).toISOString(),
      ETag: `"${part.etag}"`,
      Size: part.sizeBytes,
      ...(part.checksum === undefined ? {} : { [`Checksum${part.checksum.algorithm}`]: part.checksum.value }),
    })),
  };
  return xmlReply(writeXml('ListPartsResult', result, XML_NAMESPACE));
}

export function listMultipartUploads(call: S3Call): Reply {
  const { query } = call.request;
  const list = readListQuery(query, 'max-uploads');
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const rows = call.store.state
    .uploads(call.bucket)
    .map(({ upload }) => upload)
    .filter((upload) => {
      const order = compareKeys(upload.key, keyMarker);
      return keyMarker === '' || order > 0 || (order === 0 && idMarker !== '' && upload.id > idMarker);
    })
    .sort((a, b) => compareKeys(a.key, b.key) || (a.id < b.id ? -1 : 1))
    .map((upload) => ({ key: upload.key, entry: upload }));
  const page = pageOf(rows, list, undefined);
  const last = page.entries.at(-1)?.entry;
  const truncated = page.next !== undefined;
  const result = {
    Bucket: call.bucket,
    KeyMarker: list.encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: truncated ? list.encode(page.next ?? '') : undefined,
    NextUploadIdMarker: truncated && last?.key === page.next ? last?.id : undefined,
    Prefix: list.encode(list.prefix),
    Delimiter: list.delimiter === '' ? undefined : list.encode(list.delimiter),
    EncodingType: list.encodingType,
    MaxUploads: list.pageSize,
    IsTruncated: truncated,
    Upload: page.entries.map(({ entry }) => ({
      Key: list.encode(entry.key),
      UploadId: entry.id,
      Initiator: { ID: call.store.ownerId },
      Owner: { ID: call.store.ownerId },
      StorageClass: entry.headers['x-amz-storage-class'] ?? 'STANDARD',
      Initiated: new Date(entry.startedAtMs).toISOString(),
      ChecksumAlgorithm: entry.checksum?.algorithm,
      ChecksumType: entry.checksum?.type,
    })),
    CommonPrefixes: page.commonPrefixes.map((prefix) => ({ Prefix: list.encode(prefix) })),
  };
  return xmlReply(writeXml('ListMultipartUploadsResult', result, XML_NAMESPACE));
}
