import { valueOf } from '../../core/errors.ts';
import { isLfsPointer, LFS_HELP } from '../../core/files.ts';
import { formatSize } from '../../core/text.ts';
import { type Check, type CheckFunction, type CheckInput, COSTS, notMade } from '../check.ts';
import {
  cleanPath,
  costOfMissing,
  isCode,
  isWeights,
  judgeEntries,
  listed,
  type Listing,
  PACK_AGAIN,
} from './archive-entries.ts';

/** undefined where the archive could not be listed. */
export function listing({ inspection }: CheckInput): Listing | undefined {
  const listing = valueOf(inspection.model)?.archive;
  const archive = listing && valueOf(listing);
  return archive?.kind === 'gzip tar' ? archive : undefined;
}

/**
 * The archive's beginning: gzip, then tar, and nothing in it that the built-in packager refuses. What a team's own
 * packager takes is its own affair: then it is a warning.
 */
export const modelArchive: CheckFunction = (view) => {
  const check = inspectListing(view);
  const own = valueOf(view.inspection.packager)?.kind === 'own';
  return own && check.result === 'failed' ? { ...check, result: 'warning' } : check;
};

function inspectListing(view: CheckInput): Check {
  const { inputs, inspection } = view;
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
      if (isLfsPointer(Buffer.from(archive.firstBytes).toString('latin1'))) {
        const found = `${uri} is a Git LFS pointer, not the archive that it stands for.`;
        return { ...refused(found), fix: LFS_HELP };
      }
      return refused(`${uri} begins with ${describe(archive.firstBytes)}; expected a gzip tar archive (1f 8b).`);
    case 'not tar':
      return refused(`${uri} is no readable gzip tar archive: ${archive.reason.replace(/[.]$/, '')}.`);
    case 'gzip tar':
      return judge(archive, view);
  }
}

function judge(archive: Listing, view: CheckInput): Check {
  const name = 'model-archive';
  const { complete, members, readBytes } = archive;
  const troubles = judgeEntries(archive, entriesContext(view));
  const [worst] = troubles;
  if (worst !== undefined) {
    const same = troubles.filter(({ result }) => result === worst.result);
    return { ...worst, name, found: same.map(({ found }) => found).join(' ') };
  }
  const count = `${members.length} ${members.length === 1 ? 'entry' : 'entries'}`;
  const found = complete
    ? `gzip tar of ${count}`
    : `gzip tar; ${count} in its first ${formatSize(readBytes)}, the rest was not read`;
  const links = members.filter(({ type }) => type === 'link' || type === 'symlink').length;
  const replaced =
    links === 0 ? '' : `; ${links === 1 ? 'a link is' : `${links} links are`} packaged as the file itself`;
  return { name, result: 'passed', found: `${found}${replaced}` };
}

function entriesContext({ config, inputs, inspection }: CheckInput) {
  return {
    uri: inputs.model.file ?? inputs.model.uri,
    handler: valueOf(inspection.handler) ?? '',
    archiveBytes: valueOf(inspection.model)?.info.sizeBytes ?? 0,
    verifies: config.package.verify,
  };
}

function refused(found: string): Check {
  return { name: 'model-archive', result: 'failed', found, cost: COSTS.packaging, fix: PACK_AGAIN };
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
  const inside = archive.members.filter(({ name: path }) => isCode(cleanPath(path)));
  if (inside.length > 0) return olderCode(inside, view);
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

/** The package gets its code from source_dir: what lies in the archive's code/ is dropped. */
function olderCode(inside: Listing['members'], view: CheckInput): Check {
  const name = 'model-code';
  const { uri, verifies } = entriesContext(view);
  const sources = new Set((valueOf(view.inspection.inferenceCode) ?? []).map(({ path }) => `code/${path}`));
  const dropped = inside.filter(
    ({ name: path, type }) => type !== 'directory' && !sources.has(cleanPath(path)) && !path.endsWith('.pyc'),
  );
  const replaced = 'which the inference code of source_dir replaces';
  if (dropped.length === 0) {
    return { name, result: 'passed', found: `The archive holds code/ already, ${replaced} file by file.` };
  }
  const weights = dropped.filter(({ name: path }) => isWeights(path));
  const isOwn = valueOf(view.inspection.packager)?.kind === 'own';
  if (weights.length > 0) {
    return {
      name,
      result: isOwn ? 'warning' : 'failed',
      found: `${uri} holds weights under code/, ${replaced}: ${listed(weights)} would be dropped.`,
      cost: costOfMissing({ verifies }),
      fix: 'Pack weights outside of code/ (`tar -czf model.tar.gz -C folder .` with them in folder) and load them from model_dir.',
    };
  }
  return {
    name,
    result: 'warning',
    found: `${uri} holds code/, ${replaced}: ${listed(dropped)} would be dropped.`,
    cost: costOfMissing({ verifies }),
    fix: 'Copy into source_dir what the handler needs of it (`tar -xzf model.tar.gz code`), and pack the model without code/.',
  };
}
