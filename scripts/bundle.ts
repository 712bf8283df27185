import {
  appendFileSync,
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
const require = createRequire(import.meta.url);
const BUNDLES = [
  { entry: 'lib/src/index.js', folder: '.' },
  { entry: 'lib/embedded-aws/index.js', folder: 'embedded-aws' },
] as const;

const UNDICI = 'undici';
/**
 * Modules that a file of our own stands in for. A method for each of GitHub's thousand endpoints, of which we use three by
 * their routes, is 110 KB that are left out: what @actions/github gets in their place adds no method. And undici, which
 * @actions/core and @actions/github load at once, took a fifth of the start-up of every run, for a proxy and for a pull
 * request's comment: it is loaded by whoever has one.
 */
const STAND_INS = [
  {
    module: '@octokit/plugin-rest-endpoint-methods',
    file: 'no-rest-methods.js',
    source: 'export const restEndpointMethods = () => ({});\n',
  },
  {
    module: UNDICI,
    // One of the two copies of @actions/http-client requires it, the other imports it.
    file: 'undici-at-use.cjs',
    source: [
      "exports.ProxyAgent = function (options) { return new (require('./undici.cjs').ProxyAgent)(options); };",
      "exports.fetch = (input, init) => require('./undici.cjs').fetch(input, init);",
      '',
    ].join('\n'),
  },
] as const;

interface NccResult {
  readonly code: string;
  readonly assets: Readonly<Record<string, { readonly source: string | Buffer }>>;
}
type Ncc = (entry: string, options: object) => Promise<NccResult>;

async function build(target: string): Promise<void> {
  rmSync(target, { recursive: true, force: true });
  for (const { entry, folder } of BUNDLES) await bundle(join(ROOT, entry), join(target, folder));
  await addStandIns(target);
}

async function bundle(entry: string, folder: string): Promise<void> {
  if (!existsSync(entry)) return;
  const { code, assets } = await compiled(entry, {
    externals: Object.fromEntries(STAND_INS.map(({ module, file }) => [module, `./${file}`])),
  });
  for (const [name, { source }] of Object.entries({ ...assets, 'index.js': { source: code } })) {
    await write(join(folder, name), source);
  }
  writeFileSync(join(folder, 'package.json'), '{\n  "type": "module"\n}\n');
}

function compiled(entry: string, options: object): Promise<NccResult> {
  const ncc = require('@vercel/ncc') as Ncc;
  // mainFields is undocumented: with it the ES module builds of the SDK are taken, which can be shaken.
  const shared = { mainFields: ['module', 'main'], license: 'licenses.txt', quiet: true, cache: false };
  return ncc(entry, { ...shared, target: 'es2023', ...options });
}

async function write(path: string, source: string | Buffer): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, /\.c?js$/.test(path) ? await minified(String(source), path.endsWith('.js')) : source);
}

/** In the bundle of the action, with the undici of @actions/core in a file of its own and its licence beside the others. */
async function addStandIns(target: string): Promise<void> {
  for (const { file, source } of STAND_INS) writeFileSync(join(target, file), source);
  const loaded = createRequire(import.meta.resolve('@actions/core')).resolve(UNDICI);
  const { code, assets } = await compiled(loaded, {});
  await write(join(target, 'undici.cjs'), code);
  appendFileSync(join(target, 'licenses.txt'), `\n${String(assets['licenses.txt']?.source ?? '')}`);
}

/** Every emitted file, not only the entry as ncc's own option does. Class names stay: errors are told apart by them. */
async function minified(code: string, module: boolean): Promise<string> {
  const result = await minify(code, {
    module,
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
