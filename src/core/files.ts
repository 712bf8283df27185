import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, posix, relative, sep } from 'node:path';
import { mapConcurrent } from './concurrency.ts';
import { DeployError } from './errors.ts';
import type { S3Location } from './s3-uri.ts';

const FILES_AT_A_TIME = 32;

/** The disk, as a run sees it: paths are resolved from the working directory. */
export interface Files {
  resolve(path: string): string;
  kind(path: string): 'file' | 'folder' | 'missing';
  /**
   * Text in UTF-8, or in UTF-16 with a byte order mark.
   * @throws TextEncodingError where it is neither
   */
  readText(path: string): Promise<string>;
  /** All files below a folder with their digests, sorted by path, without what `leftOut` names. */
  tree(folder: string): Promise<SourceTree>;
  /** Virtual environments and node_modules below a folder, sorted by path. */
  leftOut(folder: string): Promise<readonly LeftOut[]>;
}

/** A folder of installed packages, which is nobody's source. */
export interface LeftOut {
  /** From the source folder, with forward slashes. */
  readonly path: string;
  readonly is: 'a virtual environment' | 'installed Node packages';
}

/** Left by Python, editors and version control; they would change the package from machine to machine. */
const IGNORED: ReadonlySet<string> = new Set(
  '.DS_Store .git .idea .ipynb_checkpoints .mypy_cache .pytest_cache .ruff_cache .vscode __pycache__'.split(' '),
);

export function createFiles(workingDirectory: string): Files {
  const resolve = (path: string) => (isAbsolute(path) ? path : join(workingDirectory, path));
  return {
    resolve,
    kind: (path) => kindOf(resolve(path)),
    readText: async (path) => decodeText(await readFile(resolve(path))),
    leftOut: async (folder) => {
      const root = await realpath(resolve(folder));
      const found = await findLeftOut(root, '');
      return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    },
    async tree(folder) {
      const root = await realpath(resolve(folder));
      const found = await walk(root, root);
      // Every file that is read is open meanwhile, and a process may open but so many.
      const files = await mapConcurrent(found, FILES_AT_A_TIME, sourceFile);
      return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    },
  };
}

function kindOf(path: string): 'file' | 'folder' | 'missing' {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return 'missing';
    return found.isDirectory() ? 'folder' : 'file';
  } catch {
    // Too long a name, a loop of links, a folder that may not be entered: nothing there that could be used.
    return 'missing';
  }
}

interface FoundFile {
  /** From the folder, with forward slashes. */
  readonly path: string;
  readonly absolute: string;
  readonly sizeBytes: number;
}

async function sourceFile({ path, absolute, sizeBytes }: FoundFile): Promise<SourceFile> {
  return { path, sizeBytes, digest: await digestFile(absolute), origin: { kind: 'file', path: absolute } };
}

async function walk(root: string, folder: string): Promise<FoundFile[]> {
  const entries = await readdir(folder);
  if (folder !== root && installed(folder, entries) !== undefined) return [];
  const found = await Promise.all(
    entries
      .filter((name) => !IGNORED.has(name) && !name.endsWith('.pyc'))
      .map((name) => visit(root, join(folder, name))),
  );
  return found.flat();
}

/** What a folder of installed packages is known by: environments have any name, and others may have theirs. */
function installed(folder: string, entries: readonly string[]): LeftOut['is'] | undefined {
  if (entries.includes('pyvenv.cfg')) return 'a virtual environment';
  if (basename(folder) !== 'node_modules') return undefined;
  const isPackage = (name: string): boolean => existsSync(join(folder, name, 'package.json'));
  const holdsPackage = (name: string): boolean =>
    isPackage(name) ||
    (name.startsWith('@') &&
      kindOf(join(folder, name)) === 'folder' &&
      readdirSync(join(folder, name)).some((inner) => isPackage(join(name, inner))));
  return entries.some((name) => name === 'package.json' || holdsPackage(name)) ? 'installed Node packages' : undefined;
}

/** The same of the paths of a whole tree, for sources that are no folder of this disk. */
export function leftOutOf(paths: readonly string[]): readonly LeftOut[] {
  const environments = paths.filter((path) => path.endsWith('/pyvenv.cfg')).map((path) => posix.dirname(path));
  const packages = paths.flatMap(
    (path) => /^((?:.*\/)?node_modules)\/(?:(?:@[^/]+\/)?[^/]+\/)?package\.json$/.exec(path)?.[1] ?? [],
  );
  return [
    ...[...new Set(environments)].map((path) => ({ path, is: 'a virtual environment' }) as const),
    ...[...new Set(packages)].map((path) => ({ path, is: 'installed Node packages' }) as const),
  ];
}

async function findLeftOut(root: string, folder: string): Promise<readonly LeftOut[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const names = entries.map(({ name }) => name);
  const is = folder === '' ? undefined : installed(join(root, folder), names);
  if (is !== undefined) return [{ path: folder, is }];
  const below = entries.filter((entry) => entry.isDirectory() && !IGNORED.has(entry.name));
  const found = await Promise.all(below.map(({ name }) => findLeftOut(root, posix.join(folder, name))));
  return found.flat();
}

async function visit(root: string, path: string): Promise<FoundFile[]> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined || relative(root, real).startsWith('..')) {
    throw new DeployError('source-missing', `${path} is a link that leads out of ${root} or to nothing.`, {
      advice: 'Put the file itself into the source folder.',
    });
  }
  const found = await stat(path);
  if (found.isDirectory() && path.startsWith(`${real}${sep}`)) {
    throw new DeployError('source-missing', `${path} is a link to a folder that holds it.`, {
      advice: 'Remove the link.',
    });
  }
  if (found.isDirectory()) return walk(root, path);
  if (!found.isFile()) return [];
  const relativePath = relative(root, path).split(sep).join('/');
  return [{ path: relativePath, absolute: path, sizeBytes: found.size }];
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** One file of a source folder. `path` is relative to the folder, with forward slashes. */
interface SourceFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Hex SHA-256 of the bytes; for an object of S3 its ETag and size stand in for them. */
  readonly digest: string;
  readonly origin:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'object'; readonly from: S3Location };
}

/** The files of one folder, sorted by path. */
export type SourceTree = readonly SourceFile[];

/** Why bytes are no text that can be read. */
export class TextEncodingError extends Error {
  /** What they seem to be, as an object of a sentence: `UTF-16 without a byte order mark`. */
  readonly encoding: string;
  /** Every byte as one character: enough to search plain ASCII in it. */
  readonly bytewise: string;

  constructor(encoding: string, bytes: Uint8Array) {
    super(`The text is ${encoding}; expected UTF-8, or UTF-16 with a byte order mark`);
    this.name = 'TextEncodingError';
    this.encoding = encoding;
    this.bytewise = Buffer.from(bytes).toString('latin1');
  }
}

interface Mark {
  readonly hex: string;
  readonly encoding: string;
  /** undefined: it is recognised, and not read. */
  readonly label?: 'utf-8' | 'utf-16le' | 'utf-16be';
}

/** Byte order marks; the longer ones first, since UTF-32's begins as UTF-16's does. */
const MARKS: readonly Mark[] = [
  { hex: 'fffe0000', encoding: 'UTF-32' },
  { hex: '0000feff', encoding: 'UTF-32' },
  { hex: 'efbbbf', encoding: 'UTF-8', label: 'utf-8' },
  { hex: 'fffe', encoding: 'UTF-16 (little endian)', label: 'utf-16le' },
  { hex: 'feff', encoding: 'UTF-16 (big endian)', label: 'utf-16be' },
];

/**
 * UTF-8 with and without a byte order mark, and UTF-16 with one, as Windows programs write it. The mark is left out.
 * @throws TextEncodingError that names what was found
 */
function decodeText(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  const mark = MARKS.find(({ hex }) => start.startsWith(hex));
  if (mark !== undefined && mark.label === undefined) throw new TextEncodingError(mark.encoding, bytes);
  // Zeros are valid UTF-8, and no text holds them.
  if (mark === undefined && bytes.includes(0)) throw new TextEncodingError(withZeros(bytes), bytes);
  try {
    return new TextDecoder(mark?.label ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    const encoding = mark === undefined ? `no UTF-8 (${firstWrong(bytes)})` : `damaged ${mark.encoding}`;
    throw new TextEncodingError(encoding, bytes);
  }
}

function withZeros(bytes: Uint8Array): string {
  const first = bytes.subarray(0, 200);
  const zeros = [...first.keys()].filter((at) => first[at] === 0);
  const isWide = zeros.length >= first.length / 3 && new Set(zeros.map((at) => at % 2)).size === 1;
  return isWide ? 'UTF-16 without a byte order mark' : 'no text (it holds zero bytes)';
}

/** `byte e9 at offset 12, as Windows-1252 has it`: the first that no UTF-8 has there. */
function firstWrong(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8');
  const good = decoder.decode(bytes).indexOf('\uFFFD');
  const offset = Buffer.byteLength(Buffer.from(bytes).toString('utf8').slice(0, good));
  const byte = bytes[offset]?.toString(16).padStart(2, '0') ?? '';
  return `byte ${byte} at offset ${offset}, as in Windows-1252 or Latin-1`;
}

/** What Git LFS leaves in place of a file that was not fetched; at most 1024 bytes by its specification. */
export function isLfsPointer(text: string): boolean {
  return text.length <= 1024 && /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v\d/.test(text);
}

export const LFS_HELP =
  'Fetch the file itself: `lfs: true` for actions/checkout, or `git lfs pull` in the checkout, before this step.';
