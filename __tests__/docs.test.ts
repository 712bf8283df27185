import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { marked, type Token } from 'marked';
import { parse } from 'yaml';
import { SECTIONS } from '../src/config/sections.ts';
import { ERROR_CODES } from '../src/core/errors.ts';
import { readInputs } from '../src/inputs/index.ts';
import { ROOT } from './harness/run-action.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface ActionFile {
  readonly inputs: Readonly<Record<string, { description: string; default?: string; required?: boolean }>>;
  readonly outputs: Readonly<Record<string, { description: string }>>;
  readonly runs: Readonly<Record<string, string>>;
}

const action = parse(read('action.yml')) as ActionFile;

describe('the documentation', () => {
  test.each(ERROR_CODES)('explains the error %s', (code) => {
    const headings = read('docs/troubleshooting.md')
      .split('\n')
      .filter((line) => line.startsWith('### '));
    expect(headings.join('\n')).toContain(code);
  });

  const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  test.each(['README.md', 'SECURITY.md', 'CONTRIBUTING.md', ...pages.map((name) => `docs/${name}`)])(
    '%s is Markdown whose code blocks end where they should',
    (path) => {
      const code: string[] = [];
      const note = (token: Token): void => {
        if (token.type === 'code') code.push(token['text'] as string);
      };
      void marked.walkTokens(marked.lexer(read(path)), note);
      expect(code.filter((text) => /```|^<!--|^#{1,4} [A-Z]/m.test(text))).toEqual([]);
    },
  );

  test.each(Object.keys(action.inputs))('has the input %s in the README', (name) => {
    expect(read('README.md')).toContain(`| \`${name}\` |`);
  });

  test.each(Object.keys(action.outputs))('has the output %s in the README', (name) => {
    expect(read('README.md')).toContain(`| \`${name}\` |`);
  });

  test.each(Object.values(SECTIONS).flatMap((fields) => Object.keys(fields)))('has the field %s', (name) => {
    expect(read('docs/configuration.md')).toContain(`| \`${name}\` |`);
  });

  test('says of every output whether it carries the account id', () => {
    const withArn = [
      'model-package-arns',
      'model-package-arn',
      'model-packages',
      'pipeline-arn',
      'pipeline-execution-arn',
      'console-url',
    ];
    const told = Object.entries(action.outputs).filter(([, { description }]) =>
      /holds the account id/i.test(description),
    );
    expect(told.map(([name]) => name)).toEqual(expect.arrayContaining(withArn));
  });
});

describe('action.yml', () => {
  test('names the inputs that the code reads, and no others', () => {
    const asked = new Set<string>();
    const required: Record<string, string> = { 'config-path': 'c.json', 'model-s3-path': 's3://bucket/model.tar.gz' };
    readInputs((name) => {
      asked.add(name);
      return required[name] ?? '';
    });
    expect([...asked].sort()).toEqual(Object.keys(action.inputs).sort());
  });

  test('has the defaults that an empty value stands for', () => {
    const defaults = (name: string) => action.inputs[name]?.default?.replace(/^\$\{\{.*$/, '') ?? '';
    const required: Record<string, string> = { 'config-path': 'c.json', 'model-s3-path': 's3://bucket/model.tar.gz' };
    const empty = readInputs((name) => required[name] ?? '');
    expect(readInputs((name) => required[name] ?? defaults(name))).toEqual(empty);
  });

  test('runs main and post from one bundle on Node 24', () => {
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js', post: 'dist/index.js' });
  });
});
