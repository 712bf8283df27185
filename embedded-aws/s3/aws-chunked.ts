import { S3Error } from './errors.ts';

const LINE_END = '\r\n';
const LINE_LIMIT_BYTES = 16 * 1024;

/**
 * Takes the `aws-chunked` framing off a body: `<hex size>[;chunk-signature=...]\r\n<bytes>\r\n`, a chunk of size 0, and
 * trailing headers. Signatures of chunks are not verified, as those of requests are not.
 * @param trailers is filled with the trailing headers, names in lower case, once the generator ends
 * @throws S3Error IncompleteBody, InvalidChunkSizeError, MalformedTrailerError
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new FrameReader(source);
  while (true) {
    const sizeBytes = chunkSize(await reader.line());
    if (sizeBytes === 0) break;
    yield* reader.bytes(sizeBytes);
    if ((await reader.line()) !== '') throw badChunk();
  }
  for (let line = await reader.lastLine(); line !== ''; line = await reader.lastLine()) {
    const colon = line.indexOf(':');
    if (colon < 1)
      throw new S3Error('MalformedTrailerError', 'The request contained trailing data that was not well-formed.');
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

function chunkSize(line: string): number {
  const hex = /^([0-9a-fA-F]{1,12})(;.*)?$/.exec(line)?.[1];
  if (hex === undefined) throw badChunk();
  return Number.parseInt(hex, 16);
}

function badChunk(): S3Error {
  return new S3Error('InvalidChunkSizeError', 'Only the last chunk is allowed to have a size less than 8192 bytes');
}

function incomplete(): S3Error {
  const message = 'You did not provide the number of bytes specified by the Content-Length HTTP header';
  return new S3Error('IncompleteBody', message);
}

class FrameReader {
  private readonly source: AsyncIterator<Buffer>;
  private pending: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const line = await this.lastLine();
    if (this.pending.length === 0 && line === '' && !(await this.fill())) throw incomplete();
    return line;
  }

  /** As `line`, but the end of the body is an empty line: some clients leave out the one after the trailers. */
  async lastLine(): Promise<string> {
    let end = this.pending.indexOf(LINE_END);
    while (end < 0) {
      if (this.pending.length > LINE_LIMIT_BYTES) throw badChunk();
      if (!(await this.fill())) {
        if (this.pending.length > 0) throw incomplete();
        return '';
      }
      end = this.pending.indexOf(LINE_END);
    }
    const line = this.pending.toString('latin1', 0, end);
    this.pending = this.pending.subarray(end + LINE_END.length);
    return line;
  }

  async *bytes(sizeBytes: number): AsyncGenerator<Buffer> {
    let left = sizeBytes;
    while (left > 0) {
      if (this.pending.length === 0 && !(await this.fill())) throw incomplete();
      const taken = this.pending.subarray(0, left);
      this.pending = this.pending.subarray(taken.length);
      left -= taken.length;
      yield taken;
    }
  }

  /** @returns false at the end of the body */
  private async fill(): Promise<boolean> {
    const next = await this.source.next();
    if (next.done === true) return false;
    this.pending = this.pending.length === 0 ? next.value : Buffer.concat([this.pending, next.value]);
    return true;
  }
}
