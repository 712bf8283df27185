import type { Reply } from '../http/exchange.ts';
import { writeXml } from '../xml.ts';
import { assemble, digestBody } from './assemble.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { CHECKSUM_ALGORITHMS } from './checksums.ts';
import { checkWrite } from './conditions.ts';
import { checkCopySize, copySourceHeaders, findCopySource } from './copy-source.ts';
import { invalidArgument, invalidRequest } from './errors.ts';
import type { S3Call } from './handler.ts';
import { versionHeader, XML_NAMESPACE, xmlReply } from './handler.ts';
import type { Checksum, ObjectBody } from './model.ts';
import { findUpload, readPartNumber, storePart } from './multipart.ts';
import type { ObjectAttributes } from './object-headers.ts';
import { encryptionHeaders, readAttributes } from './object-headers.ts';
import type { ByteRange } from './read-objects.ts';
import type { LiveVersion, S3Store } from './store.ts';
import { commitObject } from './write-objects.ts';

export async function copyObject(call: S3Call): Promise<Reply> {
  const { store, bucket } = call;
  const source = findCopySource(call);
  checkCopySize(source.body.sizeBytes);
  const attributes = copiedAttributes(call, source);
  checkWrite(call, attributes);
  const body = await copyBody(store, source, checksumAlgorithm(call));
  const version = await commitObject(call, attributes, body);
  const result = copyResult(version.body ?? body, version.lastModifiedMs);
  return xmlReply(writeXml('CopyObjectResult', result, XML_NAMESPACE), {
    ...versionHeader(store.state.bucket(bucket), version.versionId),
    ...encryptionHeaders(version.headers),
    ...copySourceHeaders(call, source),
  });
}

function copiedAttributes(call: S3Call, source: LiveVersion): ObjectAttributes {
  const given = readAttributes(call);
  const { headers } = call.request;
  const replaces = replacesMetadata(headers['x-amz-metadata-directive']);
  const changes = replaces || ['x-amz-storage-class', 'x-amz-server-side-encryption'].some((name) => name in headers);
  if (
    !changes &&
    source.bucket === call.bucket &&
    source.key === call.key &&
    source === call.store.latest(call.bucket, call.key)
  ) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's " +
        'metadata, storage class, website redirect location or encryption attributes.',
    );
  }
  const kept = Object.entries(source.headers).filter(([name]) => !name.startsWith('x-amz-'));
  const ofRequest = Object.entries(given.headers).filter(([name]) => name.startsWith('x-amz-'));
  return {
    headers: replaces ? given.headers : Object.fromEntries([...kept, ...ofRequest]),
    metadata: replaces ? given.metadata : source.metadata,
  };
}

function replacesMetadata(directive: string | undefined): boolean {
  if (directive !== undefined && directive !== 'COPY' && directive !== 'REPLACE') {
    throw invalidArgument('Unknown metadata directive.', 'x-amz-metadata-directive', directive);
  }
  return directive === 'REPLACE';
}

/** A copy is one piece, whatever its source was: its ETag is the MD5 of the content. */
async function copyBody(
  store: S3Store,
  source: LiveVersion,
  wanted: ChecksumAlgorithm | undefined,
): Promise<ObjectBody> {
  const { id: sourceId, sizeBytes, etag, checksum: known } = source.body;
  const algorithm = wanted ?? known?.algorithm;
  const ready = /^[0-9a-f]{32}$/.test(etag) && (algorithm === undefined || isWhole(known, algorithm));
  const id = await store.bodies.duplicate(sourceId);
  if (ready) return { id, sizeBytes, etag, ...(known === undefined ? {} : { checksum: known }) };
  const digests = await digestBody(store.bodies.path(id), algorithm);
  const checksum: Checksum | undefined =
    algorithm === undefined || digests.checksum === undefined
      ? undefined
      : { algorithm, value: digests.checksum, type: 'FULL_OBJECT' };
  return { id, sizeBytes, etag: digests.md5, ...(checksum === undefined ? {} : { checksum }) };
}

function isWhole(checksum: Checksum | undefined, algorithm: ChecksumAlgorithm): boolean {
  return checksum?.algorithm === algorithm && checksum.type === 'FULL_OBJECT';
}

function checksumAlgorithm(call: S3Call): ChecksumAlgorithm | undefined {
  const wanted = call.request.headers['x-amz-checksum-algorithm']?.toUpperCase();
  return CHECKSUM_ALGORITHMS.find((name) => name === wanted);
}

export async function uploadPartCopy(call: S3Call): Promise<Reply> {
  const { store, request } = call;
  const { upload } = findUpload(call);
  const number = readPartNumber(request.query);
  const source = findCopySource(call);
  const range = readCopyRange(request.headers['x-amz-copy-source-range'], source.body.sizeBytes);
  if (range === undefined) checkCopySize(source.body.sizeBytes);
  const piece = { bodyId: source.body.id, ...(range === undefined ? {} : { range }) };
  const checksum = upload.checksum?.algorithm;
  const { md5 = '', ...copied } = await assemble(store.bodies, [piece], { md5: true, checksum });
  const part = await storePart(call, number, { ...copied, etag: md5 });
  const result = copyResult(part, part.lastModifiedMs);
  return xmlReply(writeXml('CopyPartResult', result, XML_NAMESPACE), {
    ...encryptionHeaders(upload.headers),
    ...copySourceHeaders(call, source),
  });
}

/** @throws S3Error InvalidArgument, InvalidRequest: unlike a download's range, this one must be complete and fit */
function readCopyRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  if (header === undefined) return undefined;
  const name = 'x-amz-copy-source-range';
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first)) {
    const message =
      `The ${name} value must be of the form bytes=first-last where first and last are the ` +
      'zero-based offsets of the first and last bytes to copy';
    throw invalidArgument(message, name, header);
  }
  if (Number(last) >= sizeBytes) {
    throw invalidArgument(`Range specified is not valid for source object of size: ${sizeBytes}`, name, header);
  }
  return { first: Number(first), last: Number(last) };
}

function copyResult(body: ObjectBody, lastModifiedMs: number) {
  return {
    LastModified: new Date(Math.floor(lastModifiedMs / 1000) * 1000).toISOString(),
    ETag: `"${body.etag}"`,
    ...(body.checksum === undefined ? {} : { [`Checksum${body.checksum.algorithm}`]: body.checksum.value }),
  };
}
