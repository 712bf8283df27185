import { posix } from 'node:path';
import { valueOf } from '../../core/result.ts';
import { formatSize } from '../../core/text/format.ts';
import type { ArchiveMember, ArchiveListing } from '../../inspect/archive.ts';
import { type Check, type CheckFunction, COSTS, notMade, type CheckInput } from '../check.ts';

type Listing = Extract<ArchiveListing, { kind: 'gzip tar' }>;

/** undefined where the archive could not be listed. */
export function listing({ inspection }: CheckInput): Listing | undefined {
  const listing = valueOf(inspection.model)?.archive;
  const archive = listing && valueOf(listing);
  return archive?.kind === 'gzip tar' ? archive : undefined;
}

const AGAIN = 'Pack the model with `tar -czf model.tar.gz -C folder .`; in S3, put it under a path of its own.';

/**
 * The archive's beginning: gzip, then tar, and nothing in it that the built-in packager refuses. What a team's own
 * packager takes is its own affair: then it is a warning.
 */
export const modelArchive: CheckFunction = (view) => {
  const check = inspectListing(view);
  const own = valueOf(view.inspection.packager)?.kind === 'own';
  return own && check.result === 'failed' ? { ...check, result: 'warning' } : check;
};

function inspectListing({ inputs, inspection }: CheckInput): Check {
  const name = 'model-archive';
  const uri = inputs.model.file ?? inputs.model.uri;
  if (!inspection.model.ok) return notMade(name, inspection.model.error);
  const listing = inspection.model.value?.archive;
  if (listing === undefined) return { name, result: 'not-made', found: 'There is no model archive to inspect.' };
  if (!listing.ok) return notMade(name, listing.error);
  const archive = listing.value;
  switch (archive.kind) {
    case 'empty':
      return { name, result: 'not-made', found: 'The model archive is empty.' };
    case 'not gzip':
      return refused(`${uri} begins with ${describe(archive.firstBytes)}; expected a gzip tar archive (1f 8b).`);
    case 'not tar':
      return refused(`${uri} is no readable gzip tar archive: ${archive.reason.replace(/[.]$/, '')}.`);
    case 'gzip tar':
      return judge(archive, uri);
  }
}

function judge(archive: Listing, uri: string): Check {
  const name = 'model-archive';
  const { complete, members, readBytes } = archive;
  const hostile = members.map(refusal).find((reason) => reason !== undefined);
  if (hostile !== undefined) return refused(`${uri} holds ${hostile}, which the packager refuses.`);
  if (complete && !members.some(({ type }) => type === 'file')) return refused(`${uri} holds no file.`);
  const count = `${members.length} ${members.length === 1 ? 'entry' : 'entries'}`;
  const found = complete
    ? `gzip tar of ${count}`
    : `gzip tar; ${count} in its first ${formatSize(readBytes)}, the rest was not read`;
  return { name, result: 'passed', found };
}

function refused(found: string): Check {
  return { name: 'model-archive', result: 'failed', found, cost: COSTS.packaging, fix: AGAIN };
}

/** What container/package_tar.py refuses, as far as one entry alone shows. */
function refusal({ name, type, link }: ArchiveMember): string | undefined {
  const quoted = JSON.stringify(name);
  if (name.startsWith('/')) return `the absolute path ${quoted}`;
  if (name.split('/').includes('..')) return `the climbing path ${quoted}`;
  if (type.endsWith('-device') || type === 'fifo') return `${quoted}, a ${type.replace('-', ' ')}`;
  // A hard link names an entry of the archive, from its root.
  if (type === 'link' && link !== undefined && (link.startsWith('/') || link.split('/').includes('..'))) {
    return `the hard link ${quoted} to ${JSON.stringify(link)}`;
  }
  if (type !== 'symlink' || link === undefined) return undefined;
  const target = posix.normalize(posix.join(posix.dirname(name), link));
  if (link.startsWith('/') || target.startsWith('..')) return `the link ${quoted} to ${JSON.stringify(link)}`;
  return undefined;
}

// What people mistake for a model archive, by its first bytes.
const FORMATS: readonly (readonly [string, string])[] = [
  ['504b0304', 'a zip archive, as torch.save writes one'],
  ['28b52ffd', 'zstandard'],
  ['425a68', 'bzip2'],
  ['fd377a585a00', 'xz'],
];

function describe(bytes: Uint8Array): string {
  // POSIX tar has its name at byte 257.
  if (Buffer.from(bytes).subarray(257, 262).toString('latin1') === 'ustar') return 'a tar that is not compressed';
  const hex = Buffer.from(bytes).toString('hex');
  const format = FORMATS.find(([magic]) => hex.startsWith(magic));
  const shown = hex.slice(0, 16).replace(/(..)(?=.)/g, '$1 ');
  return format === undefined ? shown : `${shown} (${format[1]})`;
}

/** Whether the model brings code of its own: what that means differs for the model step and the packages. */
export const modelCode: CheckFunction = (view) => {
  const name = 'model-code';
  const archive = listing(view);
  if (archive === undefined) return { name, result: 'not-made', found: 'The model archive could not be listed.' };
  const inside = archive.members.filter(({ name: path }) => /^(?:\.\/)*code(?:\/|$)/.test(path));
  if (inside.length > 0) {
    return {
      name,
      result: 'passed',
      found: 'The archive holds code/ already; the package has the code of source_dir instead.',
    };
  }
  const without =
    'as it should be: packages get it from source_dir (the SageMaker model of CreatePytorchModelStep cannot serve without)';
  if (archive.complete) return { name, result: 'passed', found: `The archive holds no code/, ${without}.` };
  const far = formatSize(archive.readBytes);
  return {
    name,
    result: 'passed',
    found: `No code/ in the first ${far} of the archive. If there is none: ${without}.`,
  };
};
