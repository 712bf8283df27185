import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { marked, type Token } from 'marked';
import { parse } from 'yaml';
import { readCommandLine } from '../src/cli/program.ts';
import { problems, readText, warnings } from './config/support.ts';
import { ROOT } from './harness/run-action.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const folders = ['docs', 'examples/bsm', 'examples/custom-registry', 'embedded-aws'];
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

/** A block of code of a page. `language`: '' for an indented one. */
interface Snippet {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

function tokensOf(page: string): readonly Token[] {
  const found: Token[] = [];
  void marked.walkTokens(marked.lexer(read(page)), (token) => void found.push(token));
  return found;
}

const SNIPPETS: readonly Snippet[] = PAGES.flatMap((page) =>
  tokensOf(page).flatMap((token) =>
    token.type === 'code'
      ? [{ page, language: (token['lang'] as string | undefined) ?? '', text: String(token['text']) }]
      : [],
  ),
);
const ofLanguage = (...languages: readonly string[]) => SNIPPETS.filter(({ language }) => languages.includes(language));
const titled = (snippets: readonly Snippet[]) =>
  snippets.map((snippet) => [`${snippet.page}: ${snippet.text.slice(0, 60).replaceAll('\n', ' ')}`, snippet] as const);

/** The commands that a reader can copy: lines of shell blocks, and code within sentences. A command may go over lines. */
function commandsOf(page: string): readonly string[] {
  const blocks = ofLanguage('', 'bash', 'console', 'sh').filter((snippet) => snippet.page === page);
  const lines = blocks.flatMap(({ text }) => text.replace(/\\\n\s*/g, '').split('\n'));
  const spans = tokensOf(page).flatMap((token) => (token.type === 'codespan' ? [String(token['text'])] : []));
  return [...lines, ...spans].map((line) =>
    line
      .replace(/^\$ /, '')
      .replace(/ +# .*$/, '')
      .trim(),
  );
}

const COMMANDS = PAGES.flatMap((page) => commandsOf(page).map((command) => [page, command] as const));

describe('JSON', () => {
  test.each(titled(ofLanguage('json')))('%s', (_, { text }) => {
    const value = JSON.parse(text) as Record<string, unknown>;
    if (!('base' in value || 'configuration' in value)) return;
    const result = readText(text);
    expect([problems(result), warnings(result)]).toEqual([[], []]);
  });
});

describe('YAML', () => {
  const inputs = Object.keys((parse(read('action.yml')) as { inputs: object }).inputs);
  const yaml = SNIPPETS.filter(({ language, text }) => language === 'yaml' || /^ *- uses: /m.test(text));
  test.each(titled(yaml))('%s', (_, { text }) => {
    const steps = stepsIn(parse(text));
    const ours = steps.filter(({ uses }) => uses.startsWith('org/bsm-pytorch-deploy@'));
    expect(ours.flatMap(({ given }) => given).filter((name) => !inputs.includes(name))).toEqual([]);
    const unpinned = text.match(/uses: org\/bsm-pytorch-deploy@(?![0-9a-f]{40} # v\d)\S+/g);
    expect(unpinned).toBeNull();
  });
  test('has a workflow of the README among it', () => {
    expect(yaml.filter(({ page, text }) => page === 'README.md' && 'jobs' in (parse(text) as object))).toHaveLength(1);
  });
});

interface Step {
  readonly uses: string;
  readonly given: readonly string[];
}

function stepsIn(value: unknown): readonly Step[] {
  if (typeof value !== 'object' || value === null) return [];
  const { uses, with: given } = value as { uses?: unknown; with?: object };
  const own = typeof uses === 'string' ? [{ uses, given: Object.keys(given ?? {}) }] : [];
  return [...own, ...Object.values(value).flatMap(stepsIn)];
}

describe('a command', () => {
  const NPX = 'npx github:org/bsm-pytorch-deploy#v1';
  const ours = COMMANDS.filter(([, command]) => command.startsWith(`${NPX} `));
  test.each(ours)('of %s is one: %s', (_, command) => {
    const [line = ''] = command.slice(NPX.length).split(' | ');
    // What is left out stands for what every command needs; of alternatives the first is tried.
    const whole = line
      .replace(/(--[\w-]+) \.\.\./g, '$1 s3://b/model.tar.gz')
      .replace(' ...', ' --config-path c.json --model-s3-path s3://b/model.tar.gz')
      .replace(/^ (\w+)\|[\w|]+$/, ' $1 --help')
      .replace(/^ (\w+)\|[\w|]+/, ' $1');
    const args = whole.trim().split(/ +/);
    expect(readCommandLine(args, '1.0.0')).toMatchObject({ kind: args.includes('--help') ? 'text' : 'run' });
  });
  test('of each kind is among them', () => {
    const words = ours.map(([, command]) => command.slice(NPX.length + 1).split(' ')[0]);
    expect(words).toEqual(expect.arrayContaining(['plan', 'rehearse', 'deploy']));
  });

  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
  const npm = COMMANDS.flatMap(([page, command]) =>
    [...command.matchAll(/\bnpm (?:run ([\w-]+)|(test)\b)/g)].map(([, run, own]) => [page, run ?? own ?? ''] as const),
  );
  test.each(npm)('of %s is a script of ours: npm run %s', (_, name) => {
    expect(Object.keys(scripts)).toContain(name);
  });
});

describe('a link', () => {
  const links = PAGES.flatMap((page) =>
    tokensOf(page).flatMap((token) => {
      const href = token.type === 'link' || token.type === 'image' ? String(token['href']) : '';
      return href === '' || /^[a-z]+:/.test(href) ? [] : [[page, href] as const];
    }),
  );
  test.each(links)('of %s leads somewhere: %s', (page, href) => {
    const [path = '', anchor] = href.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    expect(existsSync(join(ROOT, target))).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(target)).toContain(anchor);
  });
});

/** As GitHub makes them of headings. */
function anchorsOf(page: string): readonly string[] {
  const headings = tokensOf(page).filter(({ type }) => type === 'heading');
  return headings.map((token) => {
    const text = String('text' in token ? token.text : '')
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    return text.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
  });
}

test('what the README shows fits on its page', () => {
  const lines = SNIPPETS.filter(({ page }) => page === 'README.md').flatMap(({ text }) => text.split('\n'));
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});

test('the Marketplace takes the description of the action', () => {
  const { name, description } = parse(read('action.yml')) as Readonly<Record<'name' | 'description', string>>;
  expect(name.length).toBeGreaterThan(0);
  expect(description.length).toBeLessThanOrEqual(125);
});
