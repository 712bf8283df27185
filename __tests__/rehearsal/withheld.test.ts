import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createFiles, type Files } from '../../src/core/files.ts';
import { guardFiles } from '../../src/rehearsal/guarded-files.ts';

let folder: string;
let files: Files;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'withheld-')));
  for (const name of ['.git', 'scripts', 'home', 'home/.aws']) mkdirSync(join(folder, name));
  for (const name of ['.git/config', 'scripts/inference.py', 'home/.aws/credentials']) {
    writeFileSync(join(folder, name), name);
  }
  symlinkSync('../.git/config', join(folder, 'scripts', 'model.tar.gz'));
  symlinkSync('.git', join(folder, 'code'));
  symlinkSync('/proc/self', join(folder, 'self'));
  const hidden = [join(folder, '.git'), join(folder, 'home', '.aws')];
  files = guardFiles(createFiles(folder), hidden);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the disk of a rehearsal', () => {
  test('is the disk, for what belongs to the checkout and for what is not there', async () => {
    expect([files.kind('scripts'), files.kind('nothing')]).toEqual(['folder', 'missing']);
    expect(files.resolve('scripts/inference.py')).toBe(join(folder, 'scripts', 'inference.py'));
    expect(await files.readText('scripts/inference.py')).toBe('scripts/inference.py');
    rmSync(join(folder, 'scripts', 'model.tar.gz'));
    expect((await files.tree('scripts')).map(({ path }) => path)).toEqual(['inference.py']);
  });

  const ways: readonly (readonly [string, (path: string) => unknown])[] = [
    ['resolve', (path) => files.resolve(path)],
    ['kind', (path) => files.kind(path)],
    ['readText', (path) => files.readText(path)],
    ['tree', (path) => files.tree(path)],
  ];
  const places = [
    '.git',
    '.git/config',
    'scripts/../.git/config',
    'scripts/model.tar.gz',
    'code',
    'code/config',
    'self/environ',
    '/proc/1/environ',
  ];

  test.each(ways.flatMap(([name, way]) => places.map((place) => ({ name, way, place }))))(
    '$name does not reach $place',
    async ({ way, place }) => {
      await expect((async () => way(place))()).rejects.toThrow(/is hidden from the code of a model/);
    },
  );

  test('has no folder whose files are hidden further down', async () => {
    await expect(files.tree('home')).rejects.toThrow(/home\/\.aws\/credentials is hidden from the code of a model/);
  });
});
