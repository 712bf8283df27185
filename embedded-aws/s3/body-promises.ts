import type { HttpRequest } from '../http/exchange.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { CHECKSUM_ALGORITHMS, DIGEST_BYTES } from './checksums.ts';
import { invalidArgument, invalidRequest, S3Error } from './errors.ts';

/** What a request's headers promise about its body. All of it is checked once the body is there. */
export interface BodyPromises {
  /** The body comes in `aws-chunked` framing. */
  readonly framed: boolean;
  /** Of the body without its framing. */
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256?: string;
  /** Base64. */
  readonly md5?: string;
  readonly checksum?: {
    readonly algorithm: ChecksumAlgorithm;
    /** Base64; where it comes in the trailer, it is not known yet. */
    readonly expected?: string;
  };
}

/** The largest object of one request: 5 GiB. */
const SIZE_LIMIT_BYTES = 5 * 1024 ** 3;
const CHECKSUM_PREFIX = 'x-amz-checksum-';

/** @throws S3Error where the headers contradict themselves or promise what cannot be */
export function readBodyPromises(request: HttpRequest): BodyPromises {
  const { headers } = request;
  const content = headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  const hashed = /^[0-9a-f]{64}$/.test(content);
  const streamed = content.startsWith('STREAMING-');
  if (!hashed && !streamed && content !== 'UNSIGNED-PAYLOAD') {
    const message =
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, ' +
      'STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.';
    throw invalidArgument(message, 'x-amz-content-sha256', content);
  }
  const framed =
    streamed || (headers['content-encoding'] ?? '').split(',').some((part) => part.trim() === 'aws-chunked');
  const md5 = headers['content-md5'];
  if (md5 !== undefined && !isBase64Of(md5, 16)) {
    throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  }
  const checksum = readChecksum(headers);
  return {
    framed,
    sizeBytes: readSize(headers, framed),
    ...(hashed ? { sha256: content } : {}),
    ...(md5 === undefined ? {} : { md5 }),
    ...(checksum === undefined ? {} : { checksum }),
  };
}

function readSize(headers: HttpRequest['headers'], framed: boolean): number {
  const given = framed ? headers['x-amz-decoded-content-length'] : headers['content-length'];
  if (given === undefined || !/^\d+$/.test(given)) {
    const name = framed ? 'x-amz-decoded-content-length' : 'Content-Length';
    throw new S3Error('MissingContentLength', `You must provide the ${name} HTTP header.`, { status: 411 });
  }
  const sizeBytes = Number(given);
  if (sizeBytes > SIZE_LIMIT_BYTES) {
    const details = { ProposedSize: sizeBytes, MaxSizeAllowed: SIZE_LIMIT_BYTES };
    throw new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', { details });
  }
  return sizeBytes;
}

function readChecksum(headers: HttpRequest['headers']): BodyPromises['checksum'] {
  const inHeaders = CHECKSUM_ALGORITHMS.filter((name) => headers[CHECKSUM_PREFIX + name.toLowerCase()] !== undefined);
  const trailer = (headers['x-amz-trailer'] ?? '').toLowerCase();
  const inTrailer = CHECKSUM_ALGORITHMS.filter((name) =>
    trailer.split(/\s*,\s*/).includes(CHECKSUM_PREFIX + name.toLowerCase()),
  );
  const [algorithm, second] = [...inHeaders, ...inTrailer];
  if (second !== undefined) {
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  const announced = headers['x-amz-sdk-checksum-algorithm']?.toUpperCase();
  if (announced !== undefined && announced !== algorithm) {
    throw invalidRequest(
      algorithm === undefined
        ? 'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.'
        : 'Value for x-amz-sdk-checksum-algorithm header is invalid.',
    );
  }
  if (algorithm === undefined) return undefined;
  const expected = headers[CHECKSUM_PREFIX + algorithm.toLowerCase()];
  if (expected === undefined) return { algorithm };
  return { algorithm, expected: checkedDigest(algorithm, expected) };
}

/** @throws S3Error InvalidRequest where the value cannot be a digest of this kind */
export function checkedDigest(algorithm: ChecksumAlgorithm, value: string): string {
  if (isBase64Of(value, DIGEST_BYTES[algorithm])) return value;
  throw invalidRequest(`Value for ${CHECKSUM_PREFIX}${algorithm.toLowerCase()} header is invalid.`);
}

function isBase64Of(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, 'base64');
  return decoded.length === bytes && decoded.toString('base64') === text;
}
