import { posix } from 'node:path';
import { LFS_HELP } from '../../core/files.ts';
import { shellWord } from '../../core/text.ts';
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

export const OWN_PATH = 'In S3, put it under a path of its own.';
export const PACK_AGAIN =
  'Pack the model with `tar -czf model.tar.gz -C folder .`; in S3, put it under a path of its own.';

const RULES: readonly ((archive: Listing, context: EntriesContext) => EntryTrouble | undefined)[] = [
  hostileEntry,
  noFile,
  twice,
  fileAndFolder,
  unusableLink,
  pointers,
  archiveInArchive,
  topFolder,
  backslashes,
  otherHandler,
  filesOfMacOS,
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

/** Links without a file lead to nothing, which is told of them. */
function noFile({ complete, members }: Listing, { uri }: EntriesContext): EntryTrouble | undefined {
  const empty = complete && members.every(({ type }) => type === 'directory');
  return empty ? refused(`${uri} holds no file.`) : undefined;
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

function fileAndFolder({ members }: Listing, { uri }: EntriesContext): EntryTrouble | undefined {
  const folders = new Set(members.flatMap(({ name }) => foldersOf({ name, type: 'file' })));
  const found = members.find((member) => member.type !== 'directory' && folders.has(cleanPath(member.name)));
  if (found === undefined) return undefined;
  return refused(`${uri} holds ${JSON.stringify(found.name)} as a file and as a folder, which the packager refuses.`);
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

function foldersOf({ name, type }: Pick<ArchiveMember, 'name' | 'type'>): readonly string[] {
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
  // What lies in code/ is replaced, and told by the check model-code.
  const found = members.filter(({ name, isPointer }) => isPointer === true && !isCode(cleanPath(name)));
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

const ARCHIVE = /\.(?:7z|mar|rar|tar(?:\.\w+)?|tgz|zip)$/i;
/** What lies beside a model without being one. */
const NOTES = /(?:^|\/)(?:licen[cs]e|notice|readme)[^/]*$|\.(?:md|rst|txt)$/i;

/** Left by macOS's own tar and Finder, in the archive and beside it. */
function isOfMacOS(name: string): boolean {
  const parts = cleanPath(name).split('/');
  const last = parts.at(-1) ?? '';
  return parts[0] === '__MACOSX' || last.startsWith('._') || last === '.DS_Store';
}

/** The archive that is all of the model; undefined where there is more, or the handler unpacks it itself. */
function onlyArchive({ complete, members }: Listing, context: EntriesContext): ArchiveMember | undefined {
  const files = members.filter((member) => isFile(member) && !isOfMacOS(member.name) && !NOTES.test(member.name));
  const [only] = files;
  if (only === undefined || files.length > 1 || !ARCHIVE.test(only.name)) return undefined;
  if (/tarfile|zipfile|unpack_archive|extractall/.test(context.handler)) return undefined;
  // Weights hardly deflate: as large as the whole, it leaves no room for another.
  return complete || only.sizeBytes >= context.archiveBytes * 0.95 ? only : undefined;
}

/** Somebody packed what was packed: what SageMaker unpacks is the outer archive. */
function archiveInArchive(archive: Listing, context: EntriesContext): EntryTrouble | undefined {
  const only = onlyArchive(archive, context);
  if (only === undefined) return undefined;
  const inner = shellWord(cleanPath(only.name));
  return {
    result: 'warning',
    found: `${context.uri} holds nothing but another archive, ${JSON.stringify(only.name)}: serving unpacks the outer one only, and the model's files are not found.`,
    cost: costOfMissing(context),
    fix: `Name the inner archive, or unpack it (\`${unpackCommand(only.name, inner)}\`) and pack its files: \`tar -czf model.tar.gz -C model .\`.`,
  };
}

function unpackCommand(name: string, word: string): string {
  if (/\.(?:zip|mar)$/i.test(name)) return `unzip ${word} -d model`;
  if (/\.7z$/i.test(name)) return `7z x ${word} -omodel`;
  if (/\.rar$/i.test(name)) return `unrar x ${word} model/`;
  return `mkdir model && tar -xf ${word} -C model`;
}

/** Packed with its folder: the handler is given the folder above. */
function topFolder(archive: Listing, context: EntriesContext): EntryTrouble | undefined {
  const { complete, members } = archive;
  const own = members.filter(({ name }) => !isOfMacOS(name) && cleanPath(name) !== '');
  const files = own.filter(({ type }) => type !== 'directory').map(({ name }) => cleanPath(name));
  const folder = commonFolder([...files, ...own.map(({ name }) => `${cleanPath(name)}/`)], files);
  if (folder === '' || isCode(folder) || onlyArchive(archive, context) !== undefined) return undefined;
  if (folder.split('/').every((part) => namesFolder(context.handler, part))) return undefined;
  const where = complete ? 'nothing lies at its root' : 'nothing lies at its root so far';
  return {
    result: complete ? 'warning' : 'suggestion',
    found: `${context.uri}: ${where}, all is in ${folder}/; a handler that looks in model_dir finds only ${folder.includes('/') ? 'folders' : 'that folder'}.`,
    cost: costOfMissing(context),
    fix: `Pack what is in the folder, not the folder: \`tar -czf model.tar.gz -C ${shellWord(folder)} .\` (or let model_fn look in ${folder}/).`,
  };
}

/** The deepest folder above all files, where everything lies below the same top; empty where there is none. */
function commonFolder(paths: readonly string[], files: readonly string[]): string {
  const [first] = files;
  if (first === undefined || new Set(paths.map((path) => path.split('/')[0])).size > 1) return '';
  const folders = files.map((path) => path.split('/').slice(0, -1));
  const parts = first.split('/').slice(0, -1);
  const length = parts.findIndex((part, at) => folders.some((others) => others[at] !== part));
  return (length < 0 ? parts : parts.slice(0, length)).join('/');
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

/** TorchServe's own manifest: the handler that it names is taken, and code/ is never asked. */
function otherHandler({ members }: Listing, context: EntriesContext): EntryTrouble | undefined {
  if (!members.some(({ name }) => cleanPath(name) === 'MAR-INF/MANIFEST.json')) return undefined;
  return {
    result: 'warning',
    found: `${context.uri} holds MAR-INF/MANIFEST.json, a manifest of TorchServe's: the handler that it names is taken instead of the inference code.`,
    cost: costOfMissing(context),
    fix: 'Pack the model without it: `tar -czf model.tar.gz --exclude=MAR-INF -C folder .`.',
  };
}

/** Without them serving works, and whoever takes every file of a kind takes these, too. */
function filesOfMacOS({ members }: Listing, { uri }: EntriesContext): EntryTrouble | undefined {
  const found = members.filter((member) => isFile(member) && isOfMacOS(member.name));
  if (found.length === 0) return undefined;
  return {
    result: 'suggestion',
    found: `${uri} holds ${listed(found)}, which macOS adds; a handler that takes every file of a kind takes ${found.length === 1 ? 'it' : 'them'}, too.`,
    cost: 'most often nothing fails by it',
    fix: 'Pack without: `COPYFILE_DISABLE=1 tar -czf model.tar.gz --exclude=.DS_Store -C folder .`.',
  };
}

/** `"a", "b" and 3 more`, as they stand in the archive. */
export function listed(members: readonly Pick<ArchiveMember, 'name'>[]): string {
  const shown = members.slice(0, 3).map(({ name }) => JSON.stringify(name));
  return `${shown.join(', ')}${members.length > 3 ? ` and ${members.length - 3} more` : ''}`;
}
