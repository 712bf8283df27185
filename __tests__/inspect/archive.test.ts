import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { packTar } from 'modern-tar';
import { LISTING_BYTES, readArchive } from '../../src/inspect/archive.ts';
import { definesModelFunction } from '../../src/preflight/checks/code.ts';

type Content = Readonly<Record<string, Buffer>>;

async function tar(files: Content): Promise<Buffer> {
  const entries = Object.entries(files).map(([name, body]) => ({
    header: { name, size: body.length, type: 'file' as const },
    body: new Uint8Array(body),
  }));
  return Buffer.from(await packTar(entries));
}

async function* inPieces(bytes: Buffer, size = 8192): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** However long that takes: on a busy machine the usual limit could end the listing. */
const HOUR_MS = 3_600_000;

const look = (bytes: Buffer, isWhole = true, size?: number) =>
  readArchive(Readable.from(inPieces(bytes, size)), isWhole, HOUR_MS);
const SMALL = { 'config.json': Buffer.from('{}'), 'model.pth': randomBytes(60_000), 'code/a.py': Buffer.from('x') };

describe('the beginning of an archive', () => {
  test.each([1, 7, 512, 8192, 1_000_000])('is listed whatever the pieces: %d bytes', async (size) => {
    const packed = gzipSync(await tar({ ...SMALL, 'model.pth': randomBytes(3000) }));
    const sight = await look(packed, true, size);
    if (sight.kind !== 'gzip tar') throw new Error(sight.kind);
    expect(sight.members.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
      ['config.json', 2],
      ['model.pth', 3000],
      ['code/a.py', 1],
    ]);
    expect([sight.complete, sight.readBytes]).toEqual([true, packed.length]);
  });

  test('is listed as far as it goes where the rest is not there', async () => {
    const packed = gzipSync(await tar(SMALL));
    const sight = await look(packed.subarray(0, 5000), false);
    expect(sight).toMatchObject({ kind: 'gzip tar', complete: false, readBytes: 5000 });
    expect(sight.kind === 'gzip tar' && sight.members.map(({ name }) => name)).toEqual(['config.json', 'model.pth']);
  });

  test('does not inflate without end what deflates well', async () => {
    const packed = gzipSync(await tar({ 'zeros.bin': Buffer.alloc(80_000_000) }));
    const sight = await look(packed);
    expect(sight).toMatchObject({ kind: 'gzip tar', complete: false });
    expect(sight.kind === 'gzip tar' && sight.inflatedBytes).toBeLessThan(17 * 1024 * 1024);
    expect(packed.length).toBeLessThan(LISTING_BYTES);
  });

  test.each<readonly [string, () => Promise<Buffer>, object]>([
    ['nothing', async () => Buffer.alloc(0), { kind: 'empty' }],
    ['one byte', async () => Buffer.from([0x1f]), { kind: 'not gzip' }],
    ['a zip archive', async () => Buffer.from('PK\u0003\u0004'), { kind: 'not gzip' }],
    ['compressed text', async () => gzipSync('hello '.repeat(500)), { kind: 'not tar' }],
    [
      'short compressed text',
      async () => gzipSync('hello'),
      { kind: 'not tar', reason: 'it ends in the middle of an entry' },
    ],
    [
      'an archive that was cut',
      async () => gzipSync((await tar(SMALL)).subarray(0, 20_000)),
      { kind: 'not tar', reason: 'it ends in the middle of an entry' },
    ],
    [
      'a gzip file that was cut',
      async () => gzipSync(await tar(SMALL)).subarray(0, 30_000),
      { kind: 'not tar', reason: 'it ends in the middle of an entry' },
    ],
    ['a tar of nothing', async () => gzipSync(Buffer.alloc(10_240)), { kind: 'gzip tar', members: [], complete: true }],
  ])('is told for what it is: %s', async (_what, make, expected) => {
    expect(await look(await make())).toMatchObject(expected);
  });

  test('is no tar where another format begins, however much of it there is', async () => {
    const cpio = Buffer.concat([Buffer.from('070707'), randomBytes(2_000_000)]);
    expect(await look(gzipSync(cpio))).toMatchObject({ kind: 'not tar' });
  });

  test('is listed over several gzip members, and with zeros behind them', async () => {
    const whole = await tar(SMALL);
    const members = [gzipSync(whole.subarray(0, 10_000)), gzipSync(whole.subarray(10_000)), Buffer.alloc(5000)];
    expect(await look(Buffer.concat(members))).toMatchObject({ kind: 'gzip tar', complete: true });
  });

  test('is damaged where its bytes are', async () => {
    const packed = gzipSync(await tar(SMALL));
    packed.fill(0x55, 2000, 4000);
    expect(await look(packed)).toMatchObject({ kind: 'not tar' });
  });

  test('passes on what goes wrong on the way, and is no longer read then', async () => {
    const packed = gzipSync(await tar(SMALL));
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield packed.subarray(0, 3000);
      throw new Error('ECONNRESET');
    }
    await expect(readArchive(Readable.from(broken()), true)).rejects.toThrow('ECONNRESET');
  });
});

describe('an archive whose rest does not come', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date', 'hrtime'] });
  });
  afterEach(() => void jest.useRealTimers());

  const begun = (bytes: Buffer): Readable => {
    const start = new Readable({ read: () => undefined });
    start.push(bytes);
    return start;
  };

  /** Lets what has come be read: what we inflate ourselves waits for the same threads. */
  const digested = async () => {
    for (let round = 0; round < 50; round += 1) {
      await promisify(gunzip)(gzipSync(Buffer.alloc(10_000)));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  test('is listed as far as it came', async () => {
    const sight = readArchive(begun(gzipSync(await tar(SMALL)).subarray(0, 5000)), true);
    await digested();
    jest.advanceTimersByTime(10_000);
    expect(await sight).toMatchObject({ kind: 'gzip tar', complete: false, members: [{}, {}] });
  });

  test('is told as that where nothing came of which there could be a listing', async () => {
    const nothing = readArchive(begun(Buffer.from([0x1f])), true).catch(String);
    await digested();
    jest.advanceTimersByTime(10_000);
    expect(await nothing).toBe('Error: no more than that came in 10 s');
  });
});

describe('a handler', () => {
  test.each([
    ['def model_fn(model_dir):', 'yes'],
    ['import x\r\n\r\ndef  model_fn (d):', 'yes'],
    ['async def model_fn(d):', 'yes'],
    ['model_fn = load', 'yes'],
    ['model_fn: Callable = load', 'yes'],
    ['from loading import model_fn', 'yes'],
    ['from .loading import (\n    predict_fn,\n    model_fn,\n)', 'yes'],
    ['from loading import load as model_fn', 'yes'],
    ['from loading import *', 'perhaps'],
    ['try:\n    import a\nexcept ImportError:\n    def model_fn(d): pass', 'perhaps'],
    ['# def model_fn(d):', 'no'],
    ['def my_model_fn(d):', 'no'],
    ['if model_fn == 3:', 'no'],
    ['', 'no'],
  ])('%j defines model_fn: %s', (source, expected) => {
    expect(definesModelFunction(source)).toBe(expected);
  });
});
