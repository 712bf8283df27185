import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip } from 'node:zlib';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { isLfsPointer } from '../core/files.ts';

/** One entry of the model archive, as its tar header says. */
export interface ArchiveMember {
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly link: string | undefined;
  /** A Git LFS pointer stands in place of the file. */
  readonly isPointer?: true;
  /** The oldest PyTorch that can have written it, where its first bytes show it: `2.1`. */
  readonly writtenSince?: string;
}

/** What the beginning of the model archive shows. */
export type ArchiveListing =
  | { readonly kind: 'empty' }
  | { readonly kind: 'not gzip'; readonly firstBytes: Uint8Array }
  | {
      readonly kind: 'not tar';
      readonly reason: string;
      /** What gzip holds in place of a tar, its first bytes. */
      readonly held?: Uint8Array;
    }
  | {
      readonly kind: 'gzip tar';
      readonly members: readonly ArchiveMember[];
      /** The listing came to the archive's end. */
      readonly complete: boolean;
      /** How many bytes of the archive were read, and how many they became. */
      readonly readBytes: number;
      readonly inflatedBytes: number;
    };

/** The listing is read as far as these go: a model's small files often come first, its weights fill the rest. */
export const LISTING_BYTES = 4 * 1024 * 1024;
/** Zeros deflate a thousand to one: what comes out is bounded, too. */
const INFLATED_BYTES = 16 * 1024 * 1024;

/** Where bytes come slowly, what came in this time is the listing: a check must not keep a deployment waiting. */
const LISTING_MS = 10_000;

/** Reads the listing from an archive's first bytes; `isWhole` where these are all of it. Stops as soon as it can. */
export async function readArchive(start: Readable, isWhole: boolean, longestMs = LISTING_MS): Promise<ArchiveListing> {
  const chunks: AsyncIterator<Uint8Array> = start[Symbol.asyncIterator]();
  const stopped: Stopped = { early: false };
  const timer = setTimeout(() => {
    stopped.early = true;
    start.destroy(new Error(`no more than that came in ${longestMs / 1000} s`));
  }, longestMs);
  try {
    const first = await firstBytes(chunks);
    if (first.length === 0) return { kind: 'empty' };
    if (first[0] !== 0x1f || first[1] !== 0x8b) return { kind: 'not gzip', firstBytes: first.subarray(0, 512) };
    return await list({ first, rest: chunks, isWhole }, stopped);
  } finally {
    clearTimeout(timer);
    await chunks.return?.();
  }
}

/** A tar's first header, where there is so much: enough to recognise the format, however small the pieces are. */
async function firstBytes(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let length = 0; length < 512; ) {
    const next = await chunks.next();
    if (next.done === true) break;
    pieces.push(next.value);
    length += next.value.length;
  }
  return Buffer.concat(pieces);
}

interface Beginning {
  readonly first: Uint8Array;
  readonly rest: AsyncIterator<Uint8Array>;
  readonly isWhole: boolean;
}

async function list({ first, rest, isWhole }: Beginning, stopped: Stopped): Promise<ArchiveListing> {
  const read: Read = { readBytes: 0, inflatedBytes: 0 };
  const held: Uint8Array[] = [];
  const members: ArchiveMember[] = [];
  const source = Readable.from(counted(first, rest, read));
  // The last bytes that there are must not be taken for a broken end.
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  try {
    await pipeline(source, gunzip, (inflated: AsyncIterable<Uint8Array>) =>
      collect(bounded(keepStart(inflated, held), read, stopped), members, stopped),
    );
    return { kind: 'gzip tar', members, complete: isWhole && !stopped.early, ...read };
  } catch (aborted) {
    // An early end of the pipe reaches its other ends as an abort.
    const thrown = stopped.by ?? aborted;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const cut = /truncated/i.test(reason);
    if (stopped.early || (cut && !isWhole)) return { kind: 'gzip tar', members, complete: false, ...read };
    const start = Buffer.concat(held).subarray(0, 512);
    const isOther = members.length === 0 && start.subarray(257, 262).toString('latin1') !== 'ustar';
    const other = isOther && start.length > 0 ? { held: start } : {};
    if (cut) return { kind: 'not tar', reason: 'it ends in the middle of an entry', ...other };
    if (isZlib(thrown)) return { kind: 'not tar', reason: `its compressed data is damaged (${reason})` };
    if (thrown instanceof TarProblem) {
      return { kind: 'not tar', reason: `what it holds is no tar (${reason})`, ...other };
    }
    throw thrown;
  }
}

class TarProblem extends Error {}

/** Why the listing ended before the bytes did. */
interface Stopped {
  early: boolean;
  by?: TarProblem;
}

async function collect(inflated: AsyncIterable<Uint8Array>, members: ArchiveMember[], stopped: Stopped): Promise<void> {
  const { readable, writable } = createTarDecoder({ strict: true });
  const reading = listen(readable, members, stopped);
  const writer = writable.getWriter();
  try {
    for await (const chunk of inflated) await Promise.race([writer.write(chunk), reading]);
    await writer.close();
  } catch (thrown) {
    // The decoder's error reaches both of its ends; the reader's is awaited below.
    await writer.abort(thrown).catch(() => undefined);
    await reading;
    throw thrown;
  }
  await reading;
}

async function listen(
  readable: AsyncIterable<ParsedTarEntry>,
  members: ArchiveMember[],
  stopped: Stopped,
): Promise<void> {
  try {
    for await (const { header, body } of readable) {
      const { name, type = 'file', size: sizeBytes, linkname: link } = header;
      const at = members.push({ name, type, sizeBytes, link }) - 1;
      const start = await readBeginning(body, type === 'file' ? bytesToRead({ name, sizeBytes }) : 0);
      members[at] = { name, type, sizeBytes, link, ...tellingOf(start) };
    }
  } catch (thrown) {
    stopped.by = new TarProblem(thrown instanceof Error ? thrown.message : String(thrown));
    throw stopped.by;
  }
}

const POINTER_BYTES = 1024;
/** The names of a PyTorch file's first records stand behind its pickle, which for models of thousands of tensors is a megabyte. */
const RECORDS_BYTES = 2 * 1024 * 1024;

function bytesToRead({ name, sizeBytes }: Pick<ArchiveMember, 'name' | 'sizeBytes'>): number {
  if (sizeBytes <= POINTER_BYTES) return sizeBytes;
  return /\.(?:pt2?|pth|bin|ckpt|model|pkl|ts)$/i.test(name) ? RECORDS_BYTES : 0;
}

async function readBeginning(body: ReadableStream<Uint8Array>, bytes: number): Promise<Buffer> {
  const reader = body.getReader();
  const pieces: Uint8Array[] = [];
  for (let length = 0; length < bytes; ) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.length;
  }
  await reader.cancel();
  return Buffer.concat(pieces);
}

/**
 * Records that torch.save puts into its zip, and the version that brought each. They show the least only: what a newer
 * version writes beyond them, an older one most often reads.
 */
const RECORDS: readonly (readonly [string, string])[] = [
  ['/.format_version', '2.6'],
  ['/byteorder', '2.1'],
];

function tellingOf(start: Buffer): Pick<ArchiveMember, 'isPointer' | 'writtenSince'> {
  if (start.length === 0) return {};
  if (start.length <= POINTER_BYTES && isLfsPointer(start.toString('latin1'))) return { isPointer: true };
  if (!start.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) return {};
  const since = RECORDS.find(([record]) => start.includes(record))?.[1];
  return since === undefined ? {} : { writtenSince: since };
}

interface Read {
  readBytes: number;
  inflatedBytes: number;
}

async function* counted(first: Uint8Array, rest: AsyncIterator<Uint8Array>, read: Read): AsyncGenerator<Uint8Array> {
  for (let chunk = first; ; ) {
    read.readBytes += chunk.length;
    yield chunk;
    const next = await rest.next();
    if (next.done === true) return;
    chunk = next.value;
  }
}

async function* keepStart(chunks: AsyncIterable<Uint8Array>, kept: Uint8Array[]): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    if (bytes < 512) kept.push(chunk.subarray(0, 512));
    bytes += chunk.length;
    yield chunk;
  }
}

async function* bounded(inflated: AsyncIterable<Uint8Array>, read: Read, stopped: Stopped): AsyncGenerator<Uint8Array> {
  for await (const chunk of inflated) {
    read.inflatedBytes += chunk.length;
    yield chunk;
    if (read.inflatedBytes < INFLATED_BYTES) continue;
    stopped.early = true;
    return;
  }
}

function isZlib(thrown: unknown): boolean {
  const code: unknown = Reflect.get(Object(thrown), 'code');
  return typeof code === 'string' && code.startsWith('Z_');
}
