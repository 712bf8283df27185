import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFiles, isLfsPointer } from '../../../src/core/files.ts';

const TEXT = '{"größe": "Ω 💡"}\r\n';
const MARK = '\uFEFF';
const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => utf16le(text).swap16();
const utf32le = (text: string) =>
  Buffer.concat(Array.from(text, (character) => Buffer.from(new Uint32Array([character.codePointAt(0) ?? 0]).buffer)));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'decode-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function readBack(bytes: Buffer): Promise<string> {
  writeFileSync(join(folder, 'text.json'), bytes);
  return createFiles(folder).readText('text.json');
}

describe('a text file', () => {
  test.each([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a mark', Buffer.from(`${MARK}${TEXT}`)],
    ['UTF-16 little endian with a mark', utf16le(`${MARK}${TEXT}`)],
    ['UTF-16 big endian with a mark', utf16be(`${MARK}${TEXT}`)],
  ])('is read in %s, without the mark and with its line ends', async (_encoding, bytes) => {
    expect(await readBack(bytes)).toBe(TEXT);
  });

  test.each([
    ['UTF-16 without a mark', utf16le(TEXT), /^UTF-16 without a byte order mark$/],
    ['UTF-16 big endian without a mark', utf16be(TEXT), /^UTF-16 without a byte order mark$/],
    ['UTF-32', utf32le(`${MARK}${TEXT}`), /^UTF-32$/],
    ['half a UTF-16', utf16le(`${MARK}${TEXT}`).subarray(0, 21), /^damaged UTF-16 \(little endian\)$/],
    ['damaged UTF-8 with a mark', Buffer.from([0xef, 0xbb, 0xbf, 0x41, 0xff]), /^damaged UTF-8$/],
    ['Windows-1252', Buffer.from('{"größe": 1}', 'latin1'), /^no UTF-8 \(byte f6 at offset 4, as in Windows-1252/],
    ['UTF-8, then something else', Buffer.concat([Buffer.from('größe '), Buffer.from([0xe9])]), /byte e9 at offset 8,/],
    [
      'something binary',
      Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 8, 0, 1, 2, 3]),
      /^no text \(it holds a zero byte at offset 4\)$/,
    ],
  ])('is refused in %s, which the refusal names', async (_what, bytes, encoding) => {
    await expect(readBack(bytes)).rejects.toMatchObject({ encoding: expect.stringMatching(encoding) });
  });
});

describe('a Git LFS pointer', () => {
  const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';
  test.each([
    ['a pointer', POINTER, true],
    ['one of the oldest', POINTER.replace('git-lfs', 'hawser'), true],
    ['a text about pointers', `See ${POINTER}`, false],
    ['a long text', POINTER.padEnd(2000), false],
  ])('%s', (_what, text, expected) => {
    expect(isLfsPointer(text)).toBe(expected);
  });
});
