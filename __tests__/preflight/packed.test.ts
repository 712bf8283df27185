import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { packTar, type TarEntry } from 'modern-tar';
import { readArchive } from '../../src/inspect/archive.ts';
import { checksOf, model, MODEL_URI, saw } from './view.ts';

/** Archives as people really pack them, from their bytes to what preflight says. */

type Entry = readonly [name: string, body: string | Buffer] | readonly [name: string, kind: TarKind, link: string];
type TarKind = 'symlink' | 'link' | 'directory';

async function tar(...entries: readonly Entry[]): Promise<Buffer> {
  const packed = entries.map(([name, body, link]): TarEntry => {
    if (link !== undefined) return { header: { name, size: 0, type: body as TarKind, linkname: link } };
    return { header: { name, size: Buffer.byteLength(body), type: 'file' }, body: new Uint8Array(Buffer.from(body)) };
  });
  return Buffer.from(await packTar(packed));
}

const packed = async (...entries: readonly Entry[]) => gzipSync(await tar(...entries));

/** A zip whose first entry has this name. */
function zip(name: string): Buffer {
  const head = Buffer.alloc(30);
  head.write('PK\u0003\u0004', 'latin1');
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, Buffer.from(name), Buffer.alloc(40)]);
}

async function checked(bytes: Buffer, handler = 'def model_fn(model_dir): load(model_dir, "model.pth")\n') {
  const listing = await readArchive(Readable.from([bytes]), true);
  const checks = await checksOf({ inspection: { model: model(listing, bytes.length), handler: saw(handler) } });
  const { result, found, fix } = checks.get('model-archive') ?? {};
  return [result, found?.replaceAll(MODEL_URI, 'URI'), fix];
}

describe('an archive packed with its folder', () => {
  test.each<readonly [string, () => Promise<Buffer>, string, string]>([
    ['in two folders', () => packed(['out/mnist/m.pth', 'w'], ['out/mnist/v.txt', 'v']), 'out/mnist', 'out/mnist'],
    ['in a folder with a blank', () => packed(['my model/m.pth', 'w']), 'my model', "'my model'"],
    ['in a folder like an option', () => packed(['-x/m.pth', 'w']), '-x', './-x'],
    ['by macOS', () => packed(['._mnist', 'x'], ['mnist/._m.pth', 'x'], ['mnist/m.pth', 'w']), 'mnist', 'mnist'],
    ['with branches below', () => packed(['a/b/1', 'w'], ['a/c/2', 'w']), 'a', 'a'],
  ])('%s is told with the command that packs its files', async (_how, bytes, folder, word) => {
    const [result, found, fix] = await checked(await bytes());
    expect([result, found]).toEqual([
      'warning',
      expect.stringContaining(`nothing lies at its root, all is in ${folder}/`),
    ]);
    expect(fix).toContain(`\`tar -czf model.tar.gz -C ${word} .\``);
  });

  test('is not told where the handler names both folders, and is where it names one', async () => {
    const bytes = await packed(['out/mnist/m.pth', 'w']);
    expect((await checked(bytes, 'model_dir + "/out/mnist/m.pth"'))[0]).toBe('passed');
    expect((await checked(bytes, 'model_dir + "/out/m.pth"'))[0]).toBe('warning');
  });
});

describe('an archive in the archive', () => {
  test.each([
    ['m/model.tar.gz', [], 'mkdir model && tar -xf m/model.tar.gz -C model'],
    ['the model.zip', [], "unzip 'the model.zip' -d model"],
    ['model.mar', [], 'unzip model.mar -d model'],
    ['model.tar.gz', [['README.md', 'x'] as const], 'mkdir model && tar -xf model.tar.gz -C model'],
  ])('%s is told once, with the command that unpacks it', async (name, more, command) => {
    const [result, found, fix] = await checked(await packed([name, 'x'], ...more));
    expect([result, found]).toEqual([
      'warning',
      `URI holds nothing but another archive, ${JSON.stringify(name)}: serving unpacks the outer one only, and the model's files are not found.`,
    ]);
    expect(fix).toContain(`\`${command}\``);
  });
});

describe('what is no gzip tar', () => {
  test.each<readonly [string, Buffer | Promise<Buffer>, RegExp, RegExp]>([
    [
      'torch.save',
      zip('archive/data.pkl'),
      /\(a zip archive, as torch\.save writes one\)/,
      /`tar -czf model\.tar\.gz model\.pth`/,
    ],
    ['TorchScript', zip('archive/data/0'), /as torch\.save writes one/, /`tar -czf model\.tar\.gz model\.pth`/],
    [
      'a zip',
      zip('model.pth'),
      /50 4b 03 04 00 00 00 00 \(a zip archive\);/,
      /`unzip model\.zip -d model && tar -czf model\.tar\.gz -C model \.`/,
    ],
    ['a tar', tar(['model.pth', 'w']), /a tar that is not compressed/, /`gzip -c model\.tar > model\.tar\.gz`/],
    ['bzip2', Buffer.from('BZh91AY&SYxxxx'), /42 5a 68 .* \(bzip2\)/, /`bzip2 -dc model\.tar\.bz2 \| gzip/],
    ['a page', Buffer.from('<!DOCTYPE html><p>404'), /3c 21 .*\(the text "<!DOCTYPE html><p>404"\)/, /error page/],
    [
      'safetensors',
      Buffer.from('<\0\0\0\0\0\0\0{"w":1}'),
      /\(safetensors\)/,
      /`tar -czf model\.tar\.gz model\.safetensors`/,
    ],
    [
      'gzip twice',
      packed(['model.pth', 'w']).then((bytes) => gzipSync(bytes)),
      /compressed by gzip twice/,
      /`gzip -dc/,
    ],
    [
      'weights in gzip',
      gzipSync(zip('archive/data.pkl')),
      /is gzip, and what is in it begins with .*torch\.save/,
      /`tar -czf/,
    ],
  ])('%s is told for what it is, with the command that mends it', async (_what, bytes, found, fix) => {
    expect(await checked(await bytes)).toEqual(['failed', expect.stringMatching(found), expect.stringMatching(fix)]);
  });
});

describe('entries', () => {
  test.each<readonly [string, Promise<Buffer>, string, RegExp, RegExp]>([
    [
      'a lone link',
      packed(['model.pth', 'symlink', '/cache/1']),
      'failed',
      /^URI holds the link .* leads out of it/,
      /-czhf/,
    ],
    [
      'a file as a folder, too',
      packed(['x', '1'], ['x/y', '2']),
      'failed',
      /holds "x" as a file and as a folder/,
      /tar -czf/,
    ],
    [
      "TorchServe's manifest",
      packed(['MAR-INF/MANIFEST.json', '{}'], ['m.pth', 'w']),
      'warning',
      /MAR-INF/,
      /--exclude=MAR-INF/,
    ],
    [
      "macOS's files",
      packed(['._m.pth', 'x'], ['m.pth', 'w']),
      'suggestion',
      /"\._m\.pth", which macOS adds/,
      /COPYFILE_DISABLE=1 tar/,
    ],
  ])('%s is told', async (_what, bytes, ...said) => {
    const [result, found, fix] = said;
    expect(await checked(await bytes)).toEqual([result, expect.stringMatching(found), expect.stringMatching(fix)]);
  });

  test('pointers in code/ are replaced: they are not blamed', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';
    expect((await checked(await packed(['code/inference.py', pointer], ['m.pth', 'w'])))[0]).toBe('passed');
  });
});
