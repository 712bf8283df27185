import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { minify } from '@swc/core';

/**
 * Bundles what tsc wrote into `dist/`: the action, and the embedded AWS as a bundle of its own. `--check` builds into a
 * temporary folder and fails where the committed bundle differs.
 */
const ROOT = join(import.meta.dirname, '..', '..');
const BUNDLES = [
  { entry: 'lib/src/index.js', folder: '.' },
  { entry: 'lib/embedded-aws/index.js', folder: 'embedded-aws' },
] as const;

/**
 * A method for each of GitHub's thousand endpoints, of which we use three by their routes: 110 KB that are left out. What
 * @actions/github gets in their place adds no method.
 */
const REST_METHODS = {
  module: '@octokit/plugin-rest-endpoint-methods',
  file: 'no-rest-methods.js',
  source: 'export const restEndpointMethods = () => ({});\n',
} as const;

interface NccResult {
  readonly code: string;
  readonly assets: Readonly<Record<string, { readonly source: string | Buffer }>>;
}
type Ncc = (entry: string, options: object) => Promise<NccResult>;

async function build(target: string): Promise<void> {
  rmSync(target, { recursive: true, force: true });
  for (const { entry, folder } of BUNDLES) await bundle(join(ROOT, entry), join(target, folder));
}

async function bundle(entry: string, folder: string): Promise<void> {
  if (!existsSync(entry)) return;
  const ncc = createRequire(import.meta.url)('@vercel/ncc') as Ncc;
  const result = await ncc(entry, {
    // Undocumented option: with it the ES module builds of the SDK are taken, which can be shaken.
    mainFields: ['module', 'main'],
    license: 'licenses.txt',
    quiet: true,
    cache: false,
    target: 'es2023',
    externals: { [REST_METHODS.module]: `./${REST_METHODS.file}` },
  });
  const files = { 'index.js': { source: result.code as string | Buffer }, ...result.assets };
  for (const [name, { source }] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, name.endsWith('.js') ? await minified(String(source)) : source);
  }
  if (
    result.code.includes(REST_METHODS.file) ||
    Object.keys(result.assets).some((name) => name.endsWith('.index.js'))
  ) {
    writeFileSync(join(folder, REST_METHODS.file), REST_METHODS.source);
  }
  writeFileSync(join(folder, 'package.json'), '{\n  "type": "module"\n}\n');
}

/** Every emitted file, not only the entry as ncc's own option does. Class names stay: errors are told apart by them. */
async function minified(code: string): Promise<string> {
  const result = await minify(code, {
    module: true,
    compress: { ecma: 2020, passes: 2 },
    mangle: { keep_classnames: true },
    format: { comments: false },
  });
  return `${result.code}\n`;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}

function differences(expected: string, found: string): readonly string[] {
  const names = new Set([...filesBelow(expected), ...filesBelow(found)]);
  return [...names].filter((name) => {
    const [one, other] = [join(expected, name), join(found, name)];
    return !existsSync(one) || !existsSync(other) || !readFileSync(one).equals(readFileSync(other));
  });
}

/** Takes the place of the old one in an instant: what runs meanwhile never finds half a bundle. */
function replace(dist: string, fresh: string): void {
  const old = `${fresh}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

const dist = join(ROOT, 'dist');
if (process.argv.includes('--check')) {
  const fresh = mkdtempSync(join(tmpdir(), 'dist-'));
  await build(fresh);
  const stale = differences(fresh, dist);
  rmSync(fresh, { recursive: true });
  if (stale.length > 0) {
    console.error(`dist/ is not what the sources give: ${stale.join(', ')}. Run npm run bundle and commit the result.`);
    process.exitCode = 1;
  } else {
    console.log('dist/ is up to date');
  }
} else {
  // Beside dist/, since a folder cannot be renamed from one file system to another.
  const fresh = mkdtempSync(join(ROOT, '.dist-'));
  await build(fresh);
  replace(dist, fresh);
  for (const name of filesBelow(dist)) {
    console.log(`${String(statSync(join(dist, name)).size).padStart(9)}  ${relative(ROOT, join(dist, name))}`);
  }
}
