import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from './harness/run-action.ts';

/** From the hosts down to what everything rests on: an import may only lead down, or stay in its folder. */
const ORDER = [
  ['index.ts'],
  ['github', 'cli'],
  ['run'],
  ['report'],
  ['rehearsal'],
  ['preflight', 'apply'],
  ['compare'],
  ['inspect'],
  ['registry', 'monitor'],
  ['inputs'],
  ['plan'],
  ['config'],
  ['images'],
  ['aws'],
  ['core'],
];

const SRC = join(ROOT, 'src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name: name.replaceAll('\\', '/'), text: readFileSync(join(SRC, name), 'utf8') }));

const lines = (text: string) => text.trimEnd().split('\n').length;
const folderOf = (name: string) => name.split('/')[0] ?? '';
const rankOf = (folder: string) => ORDER.findIndex((row) => row.includes(folder));

function importsOf({ name, text }: { readonly name: string; readonly text: string }): readonly string[] {
  const specifiers = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, specifier]) => specifier ?? '');
  return specifiers.map((specifier) => normalize(join(dirname(name), specifier)));
}

describe('the structure of src', () => {
  test('has nothing loose at its top but index.ts, and only the folders of docs/design.md', () => {
    const top = [...new Set(files.map(({ name }) => folderOf(name)))].sort();
    expect(top).toEqual(ORDER.flat().sort());
    const design = readFileSync(join(ROOT, 'docs', 'design.md'), 'utf8');
    expect(ORDER.flat().filter((folder) => !new RegExp(`^ {6}${folder}/? `, 'm').test(design))).toEqual([]);
  });

  test('has no import that leads up', () => {
    const up = files.flatMap((file) => {
      const from = folderOf(file.name);
      const leadsUp = (to: string) => folderOf(to) !== from && rankOf(folderOf(to)) <= rankOf(from);
      return importsOf(file)
        .filter(leadsUp)
        .map((to) => `${file.name} -> ${to}`);
    });
    expect(up).toEqual([]);
  });

  test('has no circle of imports, types included', () => {
    const imports = new Map(files.map((file) => [file.name, importsOf(file)]));
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      (imports.get(from) ?? []).some((next) => {
        if (next === to) return true;
        if (seen.has(next)) return false;
        seen.add(next);
        return reaches(next, to, seen);
      });
    expect(files.map(({ name }) => name).filter((name) => reaches(name, name))).toEqual([]);
  });

  test('has at most 140 files, at most 20 of them under 30 lines, none over 300', () => {
    expect(files.length).toBeLessThanOrEqual(140);
    expect(files.filter(({ text }) => lines(text) < 30).length).toBeLessThanOrEqual(20);
    expect(files.filter(({ text }) => lines(text) > 300).map(({ name }) => name)).toEqual([]);
  });

  test('declares no type name twice', () => {
    const names = files.flatMap(({ text }) =>
      [...text.matchAll(/^(?:export )?(?:interface|type) (\w+)/gm)].map(([, name]) => name ?? ''),
    );
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
