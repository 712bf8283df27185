import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { sideBySide } from '../../core/concurrency.ts';
import { DeployError } from '../../core/errors.ts';
import { errorKind, isTransient } from '../errors.ts';
import { formatS3Uri, type S3Location } from '../s3-uri.ts';
import type { Begin } from '../types.ts';
import { callOr, must } from './call.ts';
import { openRange, type Range } from './ranges.ts';
import type { S3 } from './s3.ts';

/** One range in memory; several of them are under way. */
const RANGE_BYTES = 16 * 1024 * 1024;
const SIDE_BY_SIDE = 4;
const ATTEMPTS = 4;
const PAUSE_MS = 500;

interface Piece {
  readonly bytes: Uint8Array;
  readonly etag: string | undefined;
  /** Of the whole object. */
  readonly sizeBytes: number;
}

/**
 * An object into a file, range by range: what breaks off is asked for again, not from the beginning. All ranges are of the
 * object that the first one was of. Answers its size; undefined where there is no such object.
 */
export async function download(
  s3: S3,
  location: S3Location,
  { path, begin }: { readonly path: string; readonly begin: Begin },
): Promise<number | undefined> {
  const doing = `download ${formatS3Uri(location)}`;
  return callOr({ doing, when: ['not-found'], answer: undefined }, async () => {
    const first = await piece(s3, location, { from: 0 });
    const { etag, sizeBytes } = first;
    const onBytes = begin(sizeBytes);
    const file = await open(path, 'w');
    try {
      await write(file, first.bytes, 0);
      let done = first.bytes.length;
      onBytes(done);
      await sideBySide(rangesBehindFirst(sizeBytes), SIDE_BY_SIDE, async (from) => {
        const { bytes } = await piece(s3, location, { from, etag });
        await write(file, bytes, from);
        onBytes((done += bytes.length));
      });
    } finally {
      await file.close();
    }
    return sizeBytes;
  });
}

/** One range, repeated where it breaks off: the SDK repeats requests, not bodies. */
async function piece(
  s3: S3,
  location: S3Location,
  { from, etag }: { readonly from: number; readonly etag?: string | undefined },
): Promise<Piece> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await whole(s3, location, { from, to: from + RANGE_BYTES - 1, etag });
    } catch (thrown) {
      if (errorKind(thrown) === 'precondition-failed') throw changed(location);
      if (attempt === ATTEMPTS || !isTransient(thrown)) throw thrown;
      await sleep(PAUSE_MS * attempt);
    }
  }
}

async function whole(s3: S3, location: S3Location, range: Range): Promise<Piece> {
  const answer = await openRange(s3, location, range);
  if (answer === undefined) return { bytes: new Uint8Array(), etag: undefined, sizeBytes: 0 };
  const bytes = await must(answer.body, 'a body').transformToByteArray();
  return { bytes, etag: answer.etag, sizeBytes: answer.sizeBytes };
}

function changed(location: S3Location): DeployError {
  return new DeployError('model-changed', `${formatS3Uri(location)} changed while it was downloaded.`, {
    advice: 'Upload a release once, under a path of its own, and run again.',
  });
}

function rangesBehindFirst(sizeBytes: number): readonly number[] {
  const count = Math.max(Math.ceil(sizeBytes / RANGE_BYTES) - 1, 0);
  return Array.from({ length: count }, (_, index) => (index + 1) * RANGE_BYTES);
}

async function write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}
