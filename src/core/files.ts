import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, posix, relative, sep } from 'node:path';
import { packTar } from 'modern-tar';
import { mapConcurrent } from './concurrency.ts';
import { DeployError } from './errors.ts';
import type { S3Location } from './s3-uri.ts';
import { decodePython, decodeText, shellWord } from './text.ts';

const FILES_AT_A_TIME = 32;
/** Of scripts, most of all: read at once, which takes a fraction of the time that a stream takes. */
const SMALL_BYTES = 64 * 1024;

/** The disk, as a run sees it: paths are resolved from the working directory. */
export interface Files {
  resolve(path: string): string;
  kind(path: string): 'file' | 'folder' | 'missing';
  /**
   * Text in UTF-8, or in UTF-16 with a byte order mark; of a Python script what Python reads.
   * @throws TextEncodingError where it is none of these
   */
  readText(path: string, as?: 'python'): Promise<string>;
  /** Names in a folder, sorted; none where it cannot be read. */
  list(folder: string): readonly string[];
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
    readText: async (path, as) => (as === 'python' ? decodePython : decodeText)(await readFile(resolve(path))),
    list: (folder) => namesIn(resolve(folder)),
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

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

interface FoundFile {
  /** From the folder, with forward slashes. */
  readonly path: string;
  readonly absolute: string;
  readonly sizeBytes: number;
}

async function sourceFile({ path, absolute, sizeBytes }: FoundFile): Promise<SourceFile> {
  const origin = { kind: 'file', path: absolute } as const;
  if (sizeBytes > SMALL_BYTES) return { path, sizeBytes, digest: await digestFile(absolute), origin };
  const bytes = await readFile(absolute);
  const file = { path, sizeBytes, digest: createHash('sha256').update(bytes).digest('hex'), origin };
  return isLfsPointer(bytes.toString('latin1')) ? { ...file, isPointer: true } : file;
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
    throw badLink(root, path, real);
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

/** `python -m venv` in the source folder itself is the usual reason. */
function badLink(root: string, path: string, real: string | undefined): DeployError {
  const where = real === undefined ? 'leads to nothing' : `leads out of ${root}, to ${real}`;
  const put =
    real === undefined
      ? `Remove it (\`rm ${shellWord(path)}\`), or put the file itself there.`
      : `Put the file itself there: \`cp -R --remove-destination ${shellWord(real)} ${shellWord(path)}\`.`;
  const advice = existsSync(join(root, 'pyvenv.cfg'))
    ? `${root} is itself a virtual environment (pyvenv.cfg): make that in a folder of its own, outside of source_dir.`
    : put;
  return new DeployError('source-missing', `${path} is a link that ${where}.`, { advice });
}

/** No dates and no owners: the same files make the same tar. */
export function reproducibleTar(
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Promise<Uint8Array> {
  return packTar(
    files.map(({ name, bytes }) => ({
      header: { name, size: bytes.length, type: 'file', mode: 0o644, mtime: new Date(0) },
      body: bytes,
    })),
  );
}

/** Hex SHA-256, without holding the file in memory. */
export async function digestFile(path: string): Promise<string> {
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
  /** A Git LFS pointer stands in place of the file. */
  readonly isPointer?: true;
  readonly origin:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'object'; readonly from: S3Location };
}

/** The files of one folder, sorted by path. */
export type SourceTree = readonly SourceFile[];

const LFS_BYTES = 1024;

/** What Git LFS leaves in place of a file that was not fetched; at most 1024 bytes by its specification. */
export function isLfsPointer(text: string): boolean {
  return (
    text.length <= LFS_BYTES && /^version https:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\/v\d/.test(text)
  );
}

export const LFS_HELP = 'Fetch the file itself: `lfs: true` for actions/checkout, or `git lfs pull` in the checkout.';
