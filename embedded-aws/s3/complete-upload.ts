import { createHash } from 'node:crypto';
import type { HttpRequest, Reply } from '../http/exchange.ts';
import type { XmlElement } from '../xml.ts';
import { childrenNamed, childText, readXml, writeXml } from '../xml.ts';
import { assemble } from './assemble.ts';
import { CHECKSUM_ALGORITHMS, checksumOf } from './checksums.ts';
import { checkWrite } from './conditions.ts';
import { invalidRequest, malformedXml, S3Error } from './errors.ts';
import type { S3Call } from './handler.ts';
import { versionHeader, XML_NAMESPACE, xmlReply } from './handler.ts';
import type { Checksum, ObjectVersion, Part, Upload } from './model.ts';
import { findUpload } from './multipart.ts';
import { encryptionHeaders } from './object-headers.ts';
import { receiveDocument } from './receive.ts';
import type { UploadState } from './state.ts';
import { commitObject } from './write-objects.ts';

const PART_MINIMUM_BYTES = 5 * 1024 * 1024;

export async function completeMultipartUpload(call: S3Call): Promise<Reply> {
  const { store, request } = call;
  const root = readXml((await receiveDocument(withoutObjectChecksum(request))).text, 'CompleteMultipartUpload');
  if (root === undefined) throw malformedXml();
  // A client that did not get the answer asks again: what is complete already is confirmed, not refused.
  const before = store.completedUpload(request.query.get('uploadId') ?? '');
  if (before !== undefined) return completedReply(call, before);
  const state = findUpload(call);
  const parts = chooseParts(state, childrenNamed(root, 'Part'));
  checkWrite(call, state.upload);
  const whole = state.upload.checksum?.type === 'FULL_OBJECT' ? state.upload.checksum.algorithm : undefined;
  const pieces = parts.map((part) => ({ bodyId: part.id }));
  const { id, sizeBytes, checksum } = await assemble(store.bodies, pieces, { md5: false, checksum: whole });
  const found = checksum ?? compositeChecksum(state.upload, parts);
  const body = { id, sizeBytes, etag: multipartEtag(parts), ...(found === undefined ? {} : { checksum: found }) };
  try {
    checkObject(request, body);
    findUpload(call);
  } catch (error) {
    await store.bodies.drop(id);
    throw error;
  }
  const version = await commitObject(call, { headers: state.upload.headers, metadata: state.upload.metadata }, body);
  store.endUpload(state.upload.id, version);
  return completedReply(call, version);
}

/** Here, checksum headers are of the object, not of the list of parts. */
function withoutObjectChecksum(request: HttpRequest): HttpRequest {
  const names = Object.keys(request.headers).filter((name) => !name.startsWith('x-amz-checksum-'));
  return { ...request, headers: Object.fromEntries(names.map((name) => [name, request.headers[name]])) };
}

/** @throws S3Error InvalidPart, InvalidPartOrder, EntityTooSmall, InvalidRequest, MalformedXML */
function chooseParts({ upload, parts }: UploadState, elements: readonly XmlElement[]): Part[] {
  if (elements.length === 0) throw malformedXml();
  const chosen = elements.map((element) => choosePart(upload, parts, element));
  chosen.slice(0, -1).forEach((part, index) => {
    if (part.number >= (chosen[index + 1]?.number ?? 0)) {
      throw new S3Error(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      );
    }
    if (part.sizeBytes < PART_MINIMUM_BYTES) throw entityTooSmall(part);
  });
  return chosen;
}

function choosePart(upload: Upload, parts: ReadonlyMap<number, Part>, element: XmlElement): Part {
  const number = Number(childText(element, 'PartNumber') ?? Number.NaN);
  const etag = childText(element, 'ETag')?.replaceAll('"', '');
  if (!Number.isInteger(number) || etag === undefined) throw malformedXml();
  const part = parts.get(number);
  const algorithm = upload.checksum?.algorithm;
  const checksum = algorithm === undefined ? undefined : childText(element, `Checksum${algorithm}`);
  if (algorithm !== undefined && upload.checksum?.type === 'COMPOSITE' && checksum === undefined) {
    const name = algorithm.toLowerCase();
    throw invalidRequest(
      `The upload was created using a ${name} checksum. The complete request must include the checksum for each part. ` +
        `It was missing for part ${number} in the request.`,
    );
  }
  if (part === undefined || part.etag !== etag || (checksum !== undefined && checksum !== part.checksum?.value)) {
    const message =
      'One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified ' +
      "entity tag may not match the part's entity tag.";
    throw new S3Error('InvalidPart', message, { details: { UploadId: upload.id, PartNumber: number, ETag: etag } });
  }
  return part;
}

function entityTooSmall(part: Part): S3Error {
  const details = {
    ProposedSize: part.sizeBytes,
    MinSizeAllowed: PART_MINIMUM_BYTES,
    PartNumber: part.number,
    ETag: part.etag,
  };
  return new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', { details });
}

function multipartEtag(parts: readonly Part[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(Buffer.from(part.etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

function compositeChecksum(upload: Upload, parts: readonly Part[]): Checksum | undefined {
  const algorithm = upload.checksum?.algorithm;
  if (algorithm === undefined) return undefined;
  const digests = Buffer.concat(parts.map((part) => Buffer.from(part.checksum?.value ?? '', 'base64')));
  return { algorithm, value: `${checksumOf(algorithm, digests)}-${parts.length}`, type: 'COMPOSITE' };
}

/** @throws S3Error BadDigest, InvalidRequest where the object is not what the request says it is */
function checkObject({ headers }: HttpRequest, body: { sizeBytes: number; checksum?: Checksum }): void {
  const size = headers['x-amz-mp-object-size'];
  if (size !== undefined && Number(size) !== body.sizeBytes) {
    throw invalidRequest("The provided 'x-amz-mp-object-size' header value does not match what was computed.");
  }
  const algorithm = CHECKSUM_ALGORITHMS.find((name) => headers[`x-amz-checksum-${name.toLowerCase()}`] !== undefined);
  if (algorithm === undefined || algorithm !== body.checksum?.algorithm) return;
  if (headers[`x-amz-checksum-${algorithm.toLowerCase()}`] !== body.checksum.value) {
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

function completedReply({ store, request, bucket, key }: S3Call, version: ObjectVersion): Reply {
  const checksum = version.body?.checksum;
  const result = {
    Location: `http://${request.headers['host'] ?? 'localhost'}/${bucket}/${encodeURIComponent(key)}`,
    Bucket: bucket,
    Key: key,
    ETag: `"${version.body?.etag}"`,
    ...(checksum === undefined
      ? {}
      : { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type }),
  };
  return xmlReply(writeXml('CompleteMultipartUploadResult', result, XML_NAMESPACE), {
    ...versionHeader(store.state.bucket(bucket), version.versionId),
    ...encryptionHeaders(version.headers),
  });
}
