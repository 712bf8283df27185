import { posix } from 'node:path';
import { LFS_HELP } from '../../core/files.ts';
import type { ArchiveListing, ArchiveMember } from '../../inspect/archive.ts';
import { type Check, COSTS } from '../check.ts';

export type Listing = Extract<ArchiveListing, { kind: 'gzip tar' }>;

/** What the entries are judged with. */
export interface EntriesContext {
  readonly uri: string;
  /** Text of the handler: a folder or an archive that it names is meant to be there. */
  readonly handler: string;
  /** Of the whole archive. */
  readonly archiveBytes: number;
  readonly verifies: boolean;
}

/** One thing that is wrong with the entries. */
export interface EntryTrouble extends Required<Pick<Check, 'found' | 'cost' | 'fix'>> {
  readonly result: 'failed' | 'warning' | 'suggestion';
}

export const PACK_AGAIN =
  'Pack the model with `tar -czf model.tar.gz -C folder .`; in S3, put it under a path of its own.';

const RULES: readonly ((archive: Listing, context: EntriesContext) => EntryTrouble | undefined)[] = [
  hostileEntry,
  noFile,
  twice,
  unusableLink,
  pointers,
  archiveInArchive,
  topFolder,
  backslashes,
];

/** Everything that the entries show, the worst first. */
export function judgeEntries(archive: Listing, context: EntriesContext): readonly EntryTrouble[] {
  const found = RULES.flatMap((rule) => rule(archive, context) ?? []);
  const order = ['failed', 'warning', 'suggestion'];
  return found.toSorted((a, b) => order.indexOf(a.result) - order.indexOf(b.result));
}

/** What a package that cannot find its files costs. */
export function costOfMissing({ verifies }: Pick<EntriesContext, 'verifies'>): string {
  return verifies ? COSTS.verification : 'the first endpoint of the package fails to start';
}

function refused(found: string, fix = PACK_AGAIN): EntryTrouble {
  return { result: 'failed', found, cost: COSTS.packaging, fix };
}

/** The path without `./`, doubled and final slashes. */
export function cleanPath(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function isFile({ type }: ArchiveMember): boolean {
  return type === 'file';
}

/** What container/package_scan.py refuses, as far as one entry alone shows. */
function hostileEntry({ members }: Listing, { uri }: EntriesContext): EntryTrouble | undefined {
  const reason = members.map(hostileReason).find((found) => found !== undefined);
  return reason === undefined ? undefined : refused(`${uri} holds ${reason}, which the packager refuses.`);
}

function hostileReason({ name, type }: ArchiveMember): string | undefined {
  const quoted = JSON.stringify(name);
  if (name.startsWith('/')) return `the absolute path ${quoted}`;
  if (name.split('/').includes('..')) return `the climbing path ${quoted}`;
  if (type.endsWith('-device') || type === 'fifo') return `${quoted}, a ${type.replace('-', ' ')}`;
  return undefined;
}

function noFile({ complete, members }: Listing, { uri }: EntriesContext): EntryTrouble | undefined {
  return complete && !members.some(isFile) ? refused(`${uri} holds no file.`) : undefined;
}

/** Python's os.walk together with the recursive `add` packs a file once for each folder above it. */
function twice({ members }: Listing, { uri }: EntriesContext): EntryTrouble | undefined {
  const types = new Map<string, string>();
  const repeated = members.filter(({ name, type }) => {
    const path = cleanPath(name);
    const before = types.get(path);
    types.set(path, type);
    return before !== undefined && !(before === 'directory' && type === 'directory');
  });
  if (repeated.length === 0) return undefined;
  return refused(
    `${uri} holds ${listed(repeated)} twice, which the packager refuses. os.walk with a recursive add() packs files twice, and so do tar -r and tar -u where a file has changed.`,
    'Pack the folder once: `tar -czf model.tar.gz -C folder .`, or in Python `archive.add(folder, arcname=".")` without os.walk.',
  );
}

const FOLLOW_LINKS =
  'Pack the files themselves: `tar -czhf model.tar.gz -C folder .` (and --hard-dereference for hard links).';

/** Serving may not extract links: the packager puts the file itself in their place, where it has come by already. */
function unusableLink({ complete, members }: Listing, { uri }: EntriesContext): EntryTrouble | undefined {
  const folders = new Set(members.flatMap((member) => foldersOf(member)));
  const paths = members.map(({ name }) => cleanPath(name));
  for (const [at, { name, type, link = '' }] of members.entries()) {
    if ((type !== 'link' && type !== 'symlink') || isCode(paths[at] ?? '')) continue;
    const start = type === 'symlink' ? posix.dirname(paths[at] ?? '') : '.';
    const target = link.startsWith('/') ? '..' : posix.normalize(posix.join(start, link)).replace(/\/$/, '');
    const why = whyUnusable(target, { at, paths, folders, complete });
    if (why === undefined) continue;
    const what = `the ${type === 'link' ? 'hard link' : 'link'} ${JSON.stringify(name)} to ${JSON.stringify(link)}`;
    return refused(`${uri} holds ${what}, which ${why}; the packager refuses that.`, FOLLOW_LINKS);
  }
  return undefined;
}

interface LinkPlace {
  readonly at: number;
  readonly paths: readonly string[];
  readonly folders: ReadonlySet<string>;
  readonly complete: boolean;
}

function whyUnusable(target: string, { at, paths, folders, complete }: LinkPlace): string | undefined {
  if (target.split('/').includes('..')) return 'leads out of it';
  if (isCode(target)) return 'leads into code/, which is replaced';
  if (target === '.' || folders.has(target)) return 'is a folder';
  const place = paths.indexOf(target);
  if (place === at) return 'is the link itself';
  if (place > at) return 'comes after it';
  if (place < 0) return complete ? 'is not in it' : 'does not come before it';
  return undefined;
}

function foldersOf({ name, type }: ArchiveMember): readonly string[] {
  const parts = cleanPath(name).split('/');
  const above = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
  return type === 'directory' ? [...above, parts.join('/')] : above;
}

export function isCode(path: string): boolean {
  return path === 'code' || path.startsWith('code/');
}

const WEIGHTS = /\.(?:bin|ckpt|gguf|h5|joblib|mar|model|msgpack|npy|npz|onnx|pickle|pkl|pt2?|pth|safetensors|ts)$/i;

export function isWeights(path: string): boolean {
  return WEIGHTS.test(path);
}

function pointers({ members }: Listing, context: EntriesContext): EntryTrouble | undefined {
  const found = members.filter(({ isPointer }) => isPointer === true);
  if (found.length === 0) return undefined;
  const weights = found.filter(({ name }) => isWeights(name));
  const what =
    found.length === 1 ? 'a Git LFS pointer, not the file itself' : 'Git LFS pointers, not the files themselves';
  return {
    result: weights.length > 0 ? 'failed' : 'warning',
    found: `${context.uri} holds ${listed(weights.length > 0 ? weights : found)} as ${what}.`,
    cost: costOfMissing(context),
    fix: `${LFS_HELP} Then pack the archive again.`,
  };
}

const ARCHIVE = /\.(?:tar(?:\.\w+)?|tgz|zip)$/i;

/** Somebody packed what was packed: what SageMaker unpacks is the inner archive. */
function archiveInArchive({ complete, members }: Listing, context: EntriesContext): EntryTrouble | undefined {
  const files = members.filter(isFile);
  const [only] = files;
  if (only === undefined || files.length > 1 || !ARCHIVE.test(only.name)) return undefined;
  if (/tarfile|zipfile|unpack_archive|extractall/.test(context.handler)) return undefined;
  // Weights hardly deflate: as large as the whole, it leaves no room for another.
  if (!complete && only.sizeBytes < context.archiveBytes * 0.95) return undefined;
  const inner = cleanPath(only.name);
  const unpack = inner.endsWith('.zip') ? `unzip ${inner} -d model` : `mkdir model && tar -xf ${inner} -C model`;
  return {
    result: 'warning',
    found: `${context.uri} holds nothing but another archive, ${JSON.stringify(only.name)}: serving unpacks the outer one only, and the model's files are not found.`,
    cost: costOfMissing(context),
    fix: `Name the inner archive, or unpack it (\`${unpack}\`) and pack its files: \`tar -czf model.tar.gz -C model .\`.`,
  };
}

/** Packed with its folder: the handler is given the folder above. */
function topFolder({ complete, members }: Listing, context: EntriesContext): EntryTrouble | undefined {
  const tops = new Set(
    members
      .map(({ name }) => cleanPath(name))
      .filter((path) => path !== '')
      .map((path) => path.split('/')[0] ?? ''),
  );
  const [folder] = tops;
  if (folder === undefined || tops.size > 1 || folder === 'code') return undefined;
  if (members.some((member) => isFile(member) && !cleanPath(member.name).includes('/'))) return undefined;
  if (!members.some(isFile) || namesFolder(context.handler, folder)) return undefined;
  const where = complete ? 'nothing lies at its root' : 'nothing lies at its root so far';
  return {
    result: complete ? 'warning' : 'suggestion',
    found: `${context.uri}: ${where}, all is in ${folder}/; a handler that looks in model_dir finds only that folder.`,
    cost: costOfMissing(context),
    fix: `Pack what is in the folder, not the folder: \`tar -czf model.tar.gz -C ${folder} .\` (or let model_fn look in ${folder}/).`,
  };
}

/** Whether the handler has the folder in a path, or searches its files wherever they are. */
function namesFolder(handler: string, folder: string): boolean {
  if (/os\.walk|rglob|\*\*/.test(handler)) return true;
  const paths = [...handler.matchAll(/["']([^"'\n]*)["']/g)].map(([, text = '']) => text.split('/'));
  return paths.some((parts) => parts.includes(folder));
}

function backslashes({ members }: Listing, context: EntriesContext): EntryTrouble | undefined {
  const found = members.filter(({ name }) => name.includes('\\'));
  if (found.length === 0) return undefined;
  return {
    result: 'warning',
    found: `${context.uri} holds ${listed(found)}: packed on Windows with backslashes, which on Linux are part of a name and lead into no folder.`,
    cost: costOfMissing(context),
    fix: 'Pack with forward slashes: `tar -czf model.tar.gz -C folder .` (Windows has tar.exe), or in Python with `Path.as_posix()` as the name.',
  };
}

/** `"a", "b" and 3 more`, as they stand in the archive. */
export function listed(members: readonly Pick<ArchiveMember, 'name'>[]): string {
  const shown = members.slice(0, 3).map(({ name }) => JSON.stringify(name));
  return `${shown.join(', ')}${members.length > 3 ? ` and ${members.length - 3} more` : ''}`;
}
