import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
      recode((text) => Buffer.from(text.split('').flatMap((letter) => [letter.charCodeAt(0), 0, 0, 0]))),
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

  test('a folder that is itself an environment, and one of conda, are packaged, and told', async () => {
    const itself = await plan('circ', {}, (workspace) => writeFileSync(join(workspace, 'scripts', 'pyvenv.cfg'), ''));
    expect(itself.checks.get('inference-code')).toMatchObject({
      result: 'warning',
      found: 'scripts is itself a virtual environment (pyvenv.cfg): 3 files that would be packaged.',
    });
    const conda = await plan('circ', {}, (workspace) => {
      mkdirSync(join(workspace, 'scripts', 'env', 'conda-meta'), { recursive: true });
      writeFileSync(join(workspace, 'scripts', 'env', 'conda-meta', 'history'), '');
    });
    expect(conda.checks.get('inference-code')).toMatchObject({
      result: 'warning',
      found: 'scripts holds a conda environment (conda-meta), env/: 1 file that would be packaged.',
    });
  });

  test.each<readonly [string, string, RegExp, string]>([
    ['vocab.json', 'warning', /scripts holds vocab\.json as a Git LFS pointer/, 'planned'],
    ['requirements.txt', 'failed', /scripts holds requirements\.txt as a Git LFS pointer/, 'failed'],
  ])('a pointer in place of %s is told', async (name, result, found, status) => {
    const run = await plan('circ', {}, (workspace) => writeFileSync(join(workspace, 'scripts', name), POINTER));
    expect([run.status, run.checks.get('inference-code')]).toEqual([
      status,
      expect.objectContaining({
        result,
        found: expect.stringMatching(found),
        fix: expect.stringContaining('git lfs pull'),
      }),
    ]);
  });

  const handler = (bytes: Buffer | string) => (workspace: string) =>
    writeFileSync(join(workspace, 'scripts', 'inference.py'), bytes);
  const CODE = 'def model_fn(model_dir):\n    return "é"\n';

  test.each([
    [
      'UTF-16 with a mark',
      Buffer.from(`\ufeff${CODE}`, 'utf16le'),
      /is UTF-16 \(little endian\), which Python does not/,
    ],
    ['Latin-1', Buffer.from(CODE, 'latin1'), /is no UTF-8 \(byte e9 at offset 37.*which Python does not read/],
    ['a zero byte', `${CODE}\0`, /holds a zero byte at offset/],
  ])('a handler in %s is what Python does not read', async (_what, bytes, found) => {
    const { checks, status } = await plan('circ', {}, handler(bytes));
    expect([status, checks.get('entry-point')]).toEqual([
      'failed',
      expect.objectContaining({ result: 'failed', found: expect.stringMatching(found) }),
    ]);
  });

  test.each([
    ['Latin-1 that it declares', Buffer.from(`# -*- coding: latin-1 -*-\n${CODE}`, 'latin1')],
    ['UTF-8 with a mark', `\ufeff${CODE}`],
  ])('a handler in %s is read', async (_what, bytes) => {
    expect((await plan('circ', {}, handler(bytes))).checks.get('entry-point')).toMatchObject({ result: 'passed' });
  });

  test('links that lead away are told with their target and a command', async () => {
    const link = (to: string) => (workspace: string) => symlinkSync(to, join(workspace, 'scripts', 'w'));
    const away = (await plan('circ', {}, link(process.execPath))).checks.get('entry-point');
    expect(away?.['found']).toContain(`, to ${realpathSync(process.execPath)}.`);
    expect(away?.['fix']).toMatch(/^Put the file itself there: `cp -R --remove-destination \S+ \S+\/scripts\/w`\.$/);
    const nowhere = (await plan('circ', {}, link('/nowhere'))).checks.get('entry-point');
    expect([nowhere?.['found'], nowhere?.['fix']]).toEqual([
      expect.stringMatching(/ is a link that leads to nothing\.$/),
      expect.stringMatching(/^Remove it \(`rm /),
    ]);
    const itself = await plan('circ', {}, (workspace) => {
      link(process.execPath)(workspace);
      writeFileSync(join(workspace, 'scripts', 'pyvenv.cfg'), '');
    });
    expect(itself.checks.get('entry-point')?.['fix']).toMatch(/is itself a virtual environment \(pyvenv\.cfg\)/);
  });

  test('an entry point that is not there is told with what is', async () => {
    const rename = (to: string) => (workspace: string) => {
      mkdirSync(join(workspace, 'scripts', 'src'));
      renameSync(join(workspace, 'scripts', 'inference.py'), join(workspace, 'scripts', to));
    };
    const named = await plan('circ', {}, rename('handler.py'));
    expect(named.errors[0]?.message).toContain('expected a script that exists there (handler.py, network.py)');
    const below = await plan('circ', {}, rename('src/inference.py'));
    expect(below.errors[0]?.message).toContain('; it is in "scripts/src": name that folder');
  });

  test('a folder named venv that is none is packaged', async () => {
    const { checks } = await plan('circ', {}, (workspace) => {
      mkdirSync(join(workspace, 'scripts', 'venv'));
      writeFileSync(join(workspace, 'scripts', 'venv', '__init__.py'), '');
    });
    expect(checks.get('inference-code')).toMatchObject({ result: 'passed', found: expect.stringMatching(/^3 files/) });
  });

  const inS3 = (workspace: string, key = 'code/sourcedir.tar.gz'): void => {
    const path = join(workspace, 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8')) as { base: Record<string, string> };
    config.base['source_dir'] = `s3://${BUCKET}/${key}`;
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
    expect(checks.get('packager')).toMatchObject({
      result: 'not-made',
      found: expect.stringMatching(/see entry-point/),
    });
    const slashed = await plan('circ', {}, (workspace) => inS3(workspace, 'code/sourcedir.tar.gz/'));
    expect(slashed.checks.get('entry-point')?.['found']).toMatch(
      /code\/sourcedir\.tar\.gz \(base\.source_dir\) is one object/,
    );
    await aws.store.putBytes(BUCKET, 'own/inference.py', Buffer.from('def model_fn(d): pass'));
    const script = await plan('circ', {}, (workspace) => inS3(workspace, 'own/inference.py'));
    expect(script.checks.get('entry-point')?.['fix']).toBe(`Name the folder that it is in: s3://${BUCKET}/own`);
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
