import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EmbeddedAws, startEmbeddedAws } from '../../embedded-aws/server.ts';
import { type InProcessRun, runInProcess } from '../harness/in-process.ts';
import { ROOT } from '../harness/run-action.ts';

/** Inputs made after public reports: what people really have. */
const DATA = join(ROOT, '__tests__', 'field', 'data');
const BUCKET = 'field-models-123456789012';
const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';

let aws: EmbeddedAws;
beforeAll(async () => {
  aws = await startEmbeddedAws({});
  await aws.store.createBucket(BUCKET, 'us-east-1');
});
afterAll(() => aws.close());

interface Planned extends InProcessRun {
  readonly checks: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** Plans one of the folders; `change` may alter its copy first. */
async function plan(
  name: string,
  inputs: Readonly<Record<string, string>> = {},
  change: (workspace: string) => void = () => undefined,
): Promise<Planned> {
  const workspace = mkdtempSync(join(tmpdir(), 'field-'));
  cpSync(join(DATA, name), workspace, { recursive: true });
  change(workspace);
  await aws.store.putFile(BUCKET, `${name}/model.tar.gz`, join(workspace, 'model.tar.gz'));
  const given = { 'config-path': 'config.json', 'model-s3-path': `s3://${BUCKET}/${name}/model.tar.gz`, mode: 'plan' };
  let checks: readonly Readonly<Record<string, string>>[] = [];
  const onFile = (file: string, text: string): void => {
    if (file.endsWith('plan.json')) checks = (JSON.parse(text) as { preflight: typeof checks }).preflight;
  };
  const run = await runInProcess({ workspace, url: aws.url, inputs: { ...given, ...inputs }, onFile });
  rmSync(workspace, { recursive: true });
  return { ...run, checks: new Map(checks.map((check) => [check['name'] ?? '', check])) };
}

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

describe('a source folder as people have it', () => {
  const withFolder =
    (path: string, mark: string) =>
    (workspace: string): void => {
      mkdirSync(join(workspace, 'scripts', path, 'bin'), { recursive: true });
      writeFileSync(join(workspace, 'scripts', path, mark === 'package.json' ? 'bin' : '', mark), '');
      // As python -m venv leaves it: a link out of the folder.
      symlinkSync(process.execPath, join(workspace, 'scripts', path, 'bin', 'python'));
      writeFileSync(join(workspace, 'scripts', path, 'bin', 'lib.py'), '');
    };

  test.each([
    [
      'tools/env',
      'pyvenv.cfg',
      /scripts holds a virtual environment, tools\/env\/, known by its pyvenv\.cfg: it is left out/,
    ],
    ['node_modules', 'package.json', /scripts holds installed Node packages, node_modules\//],
  ])('%s with %s is left out, and told', async (path, mark, found) => {
    const { checks, status } = await plan('circ', {}, withFolder(path, mark));
    const check = checks.get('inference-code');
    expect([status, check?.['result'], check?.['found']]).toEqual(['planned', 'warning', expect.stringMatching(found)]);
    expect(check?.['fix']).toContain(`mv scripts/${path} .`);
  });

  test('a folder named venv that is none is packaged', async () => {
    const { checks } = await plan('circ', {}, (workspace) => {
      mkdirSync(join(workspace, 'scripts', 'venv'));
      writeFileSync(join(workspace, 'scripts', 'venv', '__init__.py'), '');
    });
    expect(checks.get('inference-code')).toMatchObject({ result: 'passed', found: expect.stringMatching(/^3 files/) });
  });

  const inS3 = (workspace: string): void => {
    const path = join(workspace, 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8')) as { base: Record<string, string> };
    config.base['source_dir'] = `s3://${BUCKET}/code/sourcedir.tar.gz`;
    writeFileSync(path, JSON.stringify(config));
  };

  test('an S3 source_dir that is one object is told for what it is', async () => {
    await aws.store.putFile(BUCKET, 'code/sourcedir.tar.gz', join(DATA, 'circ', 'model.tar.gz'));
    const { checks, red } = await plan('circ', {}, inS3);
    expect([red, checks.get('entry-point')]).toEqual([
      true,
      expect.objectContaining({
        result: 'failed',
        found: `s3://${BUCKET}/code/sourcedir.tar.gz (base.source_dir) is one object of 821 B; expected a folder of files.`,
        fix: expect.stringMatching(/aws s3 cp s3:\S+ - \| tar -xz -C scripts.*aws s3 cp --recursive/),
      }),
    ]);
  });

  test('what is left out of a folder is left out of a prefix of S3', async () => {
    for (const key of ['inference.py', 'env/pyvenv.cfg', 'env/bin/python', 'node_modules/a/package.json']) {
      await aws.store.putBytes(BUCKET, `code/sourcedir.tar.gz/${key}`, Buffer.from('def model_fn(d): pass'));
    }
    const { checks } = await plan('circ', {}, inS3);
    const { found } = checks.get('inference-code') ?? {};
    expect(found).toMatch(/holds a virtual environment, env\/, .*left out of the package; so is node_modules\/\.$/);
    expect(checks.get('entry-point')).toMatchObject({ result: 'passed' });
  });
});
