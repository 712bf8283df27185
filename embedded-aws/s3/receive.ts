import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { HttpRequest } from '../http/exchange.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { BodyFolder } from './bodies.ts';
import type { BodyPromises } from './body-promises.ts';
import { checkedDigest, readBodyPromises } from './body-promises.ts';
import type { RunningChecksum } from './checksums.ts';
import { startChecksum } from './checksums.ts';
import { invalidRequest, S3Error } from './errors.ts';
import type { Checksum, ObjectBody } from './model.ts';

interface Digests {
  readonly md5: Hash;
  readonly sha256: Hash | undefined;
  readonly checksum: RunningChecksum | undefined;
}

/**
 * Streams a request's body into a file, and checks everything that its headers and trailers promise.
 * @throws S3Error BadDigest, XAmzContentSHA256Mismatch, IncompleteBody, InvalidRequest; nothing is left behind then
 */
export async function receiveBody(request: HttpRequest, bodies: BodyFolder): Promise<ObjectBody> {
  const promises = readBodyPromises(request);
  const { id, file } = await bodies.create();
  try {
    const checked = await take(request, promises, async (chunk) => {
      await file.writev([chunk]);
    });
    await file.close();
    return { id, sizeBytes: promises.sizeBytes, ...checked };
  } catch (error) {
    await file.close().catch(() => undefined);
    await bodies.drop(id);
    throw error;
  }
}

/** As `receiveBody`, for the small documents that some operations take. */
export async function receiveDocument(request: HttpRequest): Promise<{ text: string; verified: boolean }> {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) {
    return { text: '', verified: false };
  }
  const promises = readBodyPromises(request);
  if (promises.sizeBytes > 2 * 1024 * 1024) throw new S3Error('MaxMessageLengthExceeded', 'Your request was too big.');
  const chunks: Buffer[] = [];
  await take(request, promises, async (chunk) => {
    chunks.push(chunk);
  });
  const verified = promises.md5 !== undefined || promises.checksum !== undefined;
  return { text: Buffer.concat(chunks).toString('utf8'), verified };
}

async function take(
  request: HttpRequest,
  promises: BodyPromises,
  sink: (chunk: Buffer) => Promise<void>,
): Promise<{ etag: string; checksum?: Checksum }> {
  const trailers = new Map<string, string>();
  const source: AsyncIterable<Buffer> = request.body();
  const digests: Digests = {
    md5: createHash('md5'),
    sha256: promises.sha256 === undefined ? undefined : createHash('sha256'),
    checksum: promises.checksum === undefined ? undefined : startChecksum(promises.checksum.algorithm),
  };
  let sizeBytes = 0;
  for await (const chunk of promises.framed ? decodeAwsChunked(source, trailers) : source) {
    sizeBytes += chunk.length;
    digests.md5.update(chunk);
    digests.sha256?.update(chunk);
    digests.checksum?.update(chunk);
    await sink(chunk);
  }
  if (sizeBytes !== promises.sizeBytes) {
    const message = 'You did not provide the number of bytes specified by the Content-Length HTTP header';
    throw new S3Error('IncompleteBody', message);
  }
  return verify(promises, digests, trailers);
}

function verify(
  promises: BodyPromises,
  digests: Digests,
  trailers: ReadonlyMap<string, string>,
): { etag: string; checksum?: Checksum } {
  const md5 = digests.md5.digest();
  if (promises.md5 !== undefined && promises.md5 !== md5.toString('base64')) {
    throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const sha256 = digests.sha256?.digest('hex');
  if (promises.sha256 !== sha256) {
    throw new S3Error(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      { details: { ClientComputedContentSHA256: promises.sha256 ?? '', S3ComputedContentSHA256: sha256 ?? '' } },
    );
  }
  const etag = md5.toString('hex');
  if (promises.checksum === undefined || digests.checksum === undefined) return { etag };
  const { algorithm } = promises.checksum;
  const expected = promises.checksum.expected ?? trailers.get(`x-amz-checksum-${algorithm.toLowerCase()}`);
  if (expected === undefined) throw invalidRequest('The request announces a trailing checksum that did not come.');
  const value = digests.checksum.digest().toString('base64');
  if (checkedDigest(algorithm, expected) !== value) {
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
  return { etag, checksum: { algorithm, value, type: 'FULL_OBJECT' } };
}
