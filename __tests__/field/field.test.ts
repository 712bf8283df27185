import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { plan, POINTER } from './plan.ts';

type Row = readonly [folder: string, check: string, result: string, found: RegExp, fix: RegExp];

describe('an archive as people pack it', () => {
  test.each<Row>([
    [
      'top',
      'model-archive',
      'warning',
      /nothing lies at its root, all is in mnist\//,
      /`tar -czf model\.tar\.gz -C mnist \.`/,
    ],
    [
      'nestar',
      'model-archive',
      'warning',
      /holds nothing but another archive, "model\.tar\.gz"/,
      /`mkdir model && tar -xf model\.tar\.gz -C model`/,
    ],
    [
      'winback',
      'model-archive',
      'warning',
      /holds "export\\\\model\.pth": packed on Windows with backslashes/,
      /forward slashes: `tar -czf/,
    ],
    [
      'walk',
      'model-archive',
      'failed',
      /holds "\.?\/?tokenizer\/vocab\.json" twice, which the packager refuses\. os\.walk with a recursive add\(\)/,
      /Pack the folder once/,
    ],
    [
      'wcode',
      'model-code',
      'failed',
      /holds weights under code\/.*"(?:\.\/)?code\/best\.pth" would be dropped/,
      /load them from model_dir/,
    ],
    [
      'lfsarc',
      'model-archive',
      'failed',
      /is a Git LFS pointer, not the archive/,
      /`lfs: true` for actions\/checkout, or `git lfs pull`/,
    ],
    [
      'lfsin',
      'model-archive',
      'failed',
      /holds "model\.pth" as a Git LFS pointer/,
      /`git lfs pull`.*Then pack the archive again/,
    ],
    [
      'symlink',
      'model-archive',
      'failed',
      /holds the link "(?:\.\/)?model\.pth" to "blobs\/4fa1", which comes after it; the packager refuses that/,
      /`tar -czhf model\.tar\.gz -C folder \.`/,
    ],
  ])('%s is told by the check %s', async (folder, name, result, found, fix) => {
    const { checks, red } = await plan(folder);
    const check = checks.get(name);
    expect([check?.['result'], check?.['found'], check?.['fix']]).toEqual([
      result,
      expect.stringMatching(found),
      expect.stringMatching(fix),
    ]);
    expect([check?.['cost'], red]).toEqual([expect.stringMatching(/fails/), result === 'failed']);
  });

  test.each(['circ', 'doc', 'envk', 'nanw', 'req16', 'utf16'])('%s is not blamed', async (folder) => {
    const { checks, status, errors } = await plan(folder);
    expect([status, errors]).toEqual(['planned', []]);
    expect([checks.get('model-archive')?.['result'], checks.get('model-code')?.['result']]).toEqual([
      'passed',
      'passed',
    ]);
  });
});

test('weights of a newer PyTorch than that of the image are told by their records', async () => {
  const older = (workspace: string): void => {
    const path = join(workspace, 'config.json');
    const text = readFileSync(path, 'utf8').replace('"2.6.0"', '"2.1.0"').replace('"py312"', '"py310"');
    writeFileSync(path, text);
  };
  const { checks } = await plan('circ', {}, older);
  expect(checks.get('images')).toMatchObject({
    result: 'suggestion',
    found: 'model.pth was written by PyTorch 2.6 or newer; the image has 2.1.0 (base.framework_version).',
  });
  expect((await plan('circ')).checks.get('images')).toMatchObject({ result: 'passed' });
});

describe('text files as people have them', () => {
  test('an execution document with a byte order mark is read', async () => {
    const { status, errors } = await plan('doc', { 'execution-document': 'doc.json' });
    expect([status, errors]).toEqual(['planned', []]);
  });

  const recode = (encode: (text: string) => Buffer | string) => (workspace: string) => {
    const path = join(workspace, 'config.json');
    writeFileSync(path, encode(readFileSync(path, 'utf8')));
  };

  test.each([
    ['UTF-16 (big endian)', recode((text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16())],
    ['UTF-8 with a mark and CRLF', recode((text) => `\uFEFF${text.replaceAll('\n', '\r\n')}`)],
  ])('a configuration in %s is read', async (_encoding, change) => {
    expect((await plan('circ', {}, change)).status).toBe('planned');
  });

  const documented = (bytes: Buffer | string) => (workspace: string) =>
    writeFileSync(join(workspace, 'doc.json'), bytes);
  const DOCUMENT = { 'execution-document': 'doc.json' };

  test.each([
    [
      'config-invalid',
      {},
      recode((text) => Buffer.from(text, 'utf16le')),
      /is UTF-16 without a byte order mark; expected UTF-8/,
    ],
    [
      'config-invalid',
      {},
      recode((text) => Buffer.from(Uint32Array.from(Buffer.from(text, 'latin1')).buffer)),
      /is UTF-32 without a byte order mark.*`iconv -f UTF-32LE -t UTF-8 config\.json > utf8 && mv utf8 config\.json`/,
    ],
    ['config-invalid', {}, recode((text) => text.replace('field-team', 'a\0b')), /holds a zero byte at offset \d+/],
    [
      'config-invalid',
      {},
      recode(() => Buffer.from('{"größe": 1}', 'latin1')),
      /config\.json is no UTF-8 \(byte f6 at offset 4/,
    ],
    ['config-invalid', {}, recode(() => POINTER), /config\.json .*is a Git LFS pointer.*`git lfs pull`/],
    ['input-invalid', DOCUMENT, documented(Buffer.from('{"größe": 1}', 'latin1')), /doc\.json is no UTF-8 \(byte f6/],
    ['input-invalid', DOCUMENT, documented(POINTER), /doc\.json .*is a Git LFS pointer/],
  ])('%s says in one sentence what was found: %#', async (code, inputs, change, message) => {
    const { errors } = await plan('circ', inputs, change);
    expect(errors.map(({ title, message: said }) => [title, said])).toEqual([[code, expect.stringMatching(message)]]);
  });
});
