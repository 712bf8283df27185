import { mkdirSync, readFileSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { TAKEN_NAMES } from '../../src/preflight/checks/code.ts';
import { ROOT } from '../harness/run-action.ts';
import { aws, BUCKET, DATA, plan, POINTER } from './plan.ts';

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

  test('an entry point whose name serving has taken is refused before the job, with the command that renames it', async () => {
    const renamed = await plan('circ', {}, (workspace) => {
      renameSync(join(workspace, 'scripts', 'inference.py'), join(workspace, 'scripts', 'json.py'));
      const path = join(workspace, 'config.json');
      const config = JSON.parse(readFileSync(path, 'utf8')) as object;
      writeFileSync(path, JSON.stringify({ ...config, model: { inference_entry_point: 'json.py' } }));
    });
    expect([renamed.red, renamed.checks.get('entry-point')]).toEqual([
      true,
      expect.objectContaining({
        result: 'failed',
        found: expect.stringMatching(/^json\.py is never asked: serving imports a module of that name itself/),
        fix: expect.stringContaining('`git mv scripts/json.py scripts/inference.py`'),
      }),
    ]);
  });

  test('the names that are taken are those that the packager refuses', () => {
    const source = readFileSync(join(ROOT, 'container', 'package_names.py'), 'utf8');
    const lists = source.slice(source.indexOf('TOOLKIT ='), source.indexOf('# Of these a copy'));
    const names = [...lists.matchAll(/"([\w ]+)"/g)].flatMap(([, words = '']) => words.trim().split(' '));
    expect([...TAKEN_NAMES].toSorted()).toEqual(names.toSorted());
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
