import { randomBytes } from 'node:crypto';
import type { Reply } from '../http/exchange.ts';
import { writeXml } from '../xml.ts';
import { CHECKSUM_ALGORITHMS } from './checksums.ts';
import { invalidArgument, invalidRequest, noSuchUpload } from './errors.ts';
import type { S3Call } from './handler.ts';
import { XML_NAMESPACE, xmlReply } from './handler.ts';
import type { ObjectBody, Part, Upload } from './model.ts';
import { checksumHeaders, encryptionHeaders, readAttributes } from './object-headers.ts';
import { receiveBody } from './receive.ts';
import type { UploadState } from './state.ts';

const PART_NUMBER_LIMIT = 10_000;

export function createMultipartUpload(call: S3Call): Reply {
  const { store, bucket, key } = call;
  const checksum = readUploadChecksum(call);
  const upload: Upload = {
    id: randomBytes(48).toString('base64url'),
    bucket,
    key,
    startedAtMs: store.clock.nowMs(),
    ...readAttributes(call),
    ...(checksum === undefined ? {} : { checksum }),
  };
  store.commit({ event: 'upload', upload });
  const result = { Bucket: bucket, Key: key, UploadId: upload.id };
  return xmlReply(writeXml('InitiateMultipartUploadResult', result, XML_NAMESPACE), {
    ...encryptionHeaders(upload.headers),
    ...(checksum === undefined
      ? {}
      : { 'x-amz-checksum-algorithm': checksum.algorithm, 'x-amz-checksum-type': checksum.type }),
  });
}

/** The kinds that may be had of the whole object are CRCs; CRC64NVME exists in this kind only. */
function readUploadChecksum({ request }: S3Call): Upload['checksum'] {
  const wanted = request.headers['x-amz-checksum-algorithm']?.toUpperCase();
  const type = request.headers['x-amz-checksum-type']?.toUpperCase();
  if (wanted === undefined) return undefined;
  const algorithm = CHECKSUM_ALGORITHMS.find((name) => name === wanted);
  if (algorithm === undefined) {
    throw invalidRequest(
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: ' +
        `[${CHECKSUM_ALGORITHMS.join(', ')}]`,
    );
  }
  const chosen = type ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const possible =
    algorithm === 'CRC64NVME'
      ? ['FULL_OBJECT']
      : algorithm.startsWith('SHA')
        ? ['COMPOSITE']
        : ['COMPOSITE', 'FULL_OBJECT'];
  if (!possible.includes(chosen)) {
    const name = algorithm.toLowerCase();
    throw invalidRequest(`The ${chosen} checksum type cannot be used with the ${name} checksum algorithm.`);
  }
  return { algorithm, type: chosen === 'FULL_OBJECT' ? 'FULL_OBJECT' : 'COMPOSITE' };
}

/** @throws S3Error NoSuchUpload */
export function findUpload({ store, request, bucket, key }: S3Call): UploadState {
  const id = request.query.get('uploadId') ?? '';
  const state = store.state.upload(id);
  if (state === undefined || state.upload.bucket !== bucket || state.upload.key !== key) throw noSuchUpload(id);
  return state;
}

/** @throws S3Error InvalidArgument */
export function readPartNumber(query: URLSearchParams): number {
  const text = query.get('partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= PART_NUMBER_LIMIT) return number;
  const message = `Part number must be an integer between 1 and ${PART_NUMBER_LIMIT}, inclusive`;
  throw invalidArgument(message, 'partNumber', text);
}

export async function uploadPart(call: S3Call): Promise<Reply> {
  const { upload } = findUpload(call);
  const number = readPartNumber(call.request.query);
  const body = await receiveBody(call.request, call.store.bodies);
  const expected = upload.checksum;
  const actual = body.checksum?.algorithm;
  const comparable = expected?.type === 'COMPOSITE' || actual !== undefined;
  if (expected !== undefined && comparable && actual !== expected.algorithm) {
    await call.store.bodies.drop(body.id);
    const types = `expected checksum Type: ${expected.algorithm.toLowerCase()}, actual checksum Type: ${actual?.toLowerCase() ?? 'null'}`;
    throw invalidRequest(`Checksum Type mismatch occurred, ${types}`);
  }
  const part = await storePart(call, number, body);
  const { 'x-amz-checksum-type': _, ...checksum } = checksumHeaders(part.checksum);
  return { status: 200, headers: { etag: `"${part.etag}"`, ...encryptionHeaders(upload.headers), ...checksum } };
}

/** @throws S3Error NoSuchUpload where the upload ended while its part was coming in */
export async function storePart(call: S3Call, number: number, body: ObjectBody): Promise<Part> {
  const { store } = call;
  try {
    const { upload } = findUpload(call);
    const part = { ...body, number, lastModifiedMs: store.clock.nowMs() };
    store.commit({ event: 'part', uploadId: upload.id, part });
    return part;
  } catch (error) {
    await store.bodies.drop(body.id);
    throw error;
  }
}

export function abortMultipartUpload(call: S3Call): Reply {
  const { upload } = findUpload(call);
  call.store.commit({ event: 'upload-ended', uploadId: upload.id });
  return { status: 204 };
}
