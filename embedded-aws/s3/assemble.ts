import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { BodyFolder } from './bodies.ts';
import type { ChecksumAlgorithm } from './checksums.ts';
import { startChecksum } from './checksums.ts';
import type { Checksum } from './model.ts';
import type { ByteRange } from './read-objects.ts';

export interface Piece {
  readonly bodyId: string;
  /** The whole body where it is left out. */
  readonly range?: ByteRange;
}

export interface Assembled {
  readonly id: string;
  readonly sizeBytes: number;
  /** Hex. Undefined where it was not asked for. */
  readonly md5?: string;
  readonly checksum?: Checksum;
}

const BLOCK_BYTES = 1024 * 1024;

/** Writes pieces of bodies, one after the other, into a new body. */
export async function assemble(
  bodies: BodyFolder,
  pieces: readonly Piece[],
  wanted: { md5: boolean; checksum: ChecksumAlgorithm | undefined },
): Promise<Assembled> {
  const md5 = wanted.md5 ? createHash('md5') : undefined;
  const checksum = wanted.checksum === undefined ? undefined : startChecksum(wanted.checksum);
  let sizeBytes = 0;
  const { id, file } = await bodies.create();
  try {
    for await (const chunk of chunksOf(bodies, pieces)) {
      md5?.update(chunk);
      checksum?.update(chunk);
      sizeBytes += chunk.length;
      await file.writev([chunk]);
    }
    await file.close();
  } catch (error) {
    await file.close().catch(() => undefined);
    await bodies.drop(id);
    throw error;
  }
  return {
    id,
    sizeBytes,
    ...(md5 === undefined ? {} : { md5: md5.digest('hex') }),
    ...(checksum === undefined || wanted.checksum === undefined
      ? {}
      : { checksum: { algorithm: wanted.checksum, value: checksum.digest().toString('base64'), type: 'FULL_OBJECT' } }),
  };
}

/** Reads a body through for its digests. */
export async function digestBody(
  path: string,
  algorithm?: ChecksumAlgorithm,
): Promise<{ md5: string; checksum?: string }> {
  const md5 = createHash('md5');
  const checksum = algorithm === undefined ? undefined : startChecksum(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: BLOCK_BYTES }) as AsyncIterable<Buffer>) {
    md5.update(chunk);
    checksum?.update(chunk);
  }
  const value = checksum?.digest().toString('base64');
  return { md5: md5.digest('hex'), ...(value === undefined ? {} : { checksum: value }) };
}

async function* chunksOf(bodies: BodyFolder, pieces: readonly Piece[]): AsyncGenerator<Buffer> {
  for (const { bodyId, range } of pieces) {
    const part = range === undefined ? {} : { start: range.first, end: range.last };
    yield* createReadStream(bodies.path(bodyId), { ...part, highWaterMark: BLOCK_BYTES }) as AsyncIterable<Buffer>;
  }
}
