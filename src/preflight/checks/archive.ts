import { valueOf } from '../../core/errors.ts';
import { isLfsPointer, LFS_HELP } from '../../core/files.ts';
import { formatSize } from '../../core/text.ts';
import type { ArchiveListing } from '../../inspect/archive.ts';
import { type Check, type CheckFunction, type CheckInput, COSTS, notMade } from '../check.ts';
import {
  cleanPath,
  costOfMissing,
  isCode,
  isWeights,
  judgeEntries,
  listed,
  type Listing,
  OWN_PATH,
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
      return { ...refused(''), ...judgeBytes(uri, archive.firstBytes) };
    case 'not tar':
      return notTar(uri, archive);
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

interface Format {
  readonly magic: string;
  readonly is: string;
  /** The command that makes of it what is expected. */
  readonly fix?: string;
}

const ONE_FILE = 'Put the file into an archive, under the name that model_fn loads:';

/** What people mistake for a model archive, by its first bytes. */
const FORMATS: readonly Format[] = [
  { magic: '28b52ffd', is: 'zstandard', fix: 'Compress it by gzip: `zstd -dc model.tar.zst | gzip > model.tar.gz`.' },
  { magic: '425a68', is: 'bzip2', fix: 'Compress it by gzip: `bzip2 -dc model.tar.bz2 | gzip > model.tar.gz`.' },
  { magic: 'fd377a585a00', is: 'xz', fix: 'Compress it by gzip: `xz -dc model.tar.xz | gzip > model.tar.gz`.' },
  { magic: '377abcaf271c', is: 'a 7z archive', fix: unpackFirst('7z x model.7z -omodel') },
  { magic: '526172211a07', is: 'a rar archive', fix: unpackFirst('unrar x model.rar model/') },
  { magic: '894844460d0a1a0a', is: 'HDF5, as Keras writes it' },
  {
    magic: '8002',
    is: 'a pickle, as older PyTorch writes it',
    fix: `${ONE_FILE} \`tar -czf model.tar.gz model.pth\`.`,
  },
];

function unpackFirst(command: string): string {
  return `Unpack it and pack its files: \`${command} && tar -czf model.tar.gz -C model .\`.`;
}

/** What the first bytes show, as an object of a sentence, and the command that helps. */
function describe(bytes: Uint8Array): Pick<Format, 'is' | 'fix'> {
  const start = Buffer.from(bytes);
  // POSIX tar has its name at byte 257.
  if (start.subarray(257, 262).toString('latin1') === 'ustar') {
    return { is: 'a tar that is not compressed', fix: 'Compress it: `gzip -c model.tar > model.tar.gz`.' };
  }
  const hex = start.toString('hex');
  const shown = hex.slice(0, 16).replace(/(..)(?=.)/g, '$1 ');
  if (hex.startsWith('504b0304')) {
    const first = start.subarray(30, 30 + (start[26] ?? 0)).toString('latin1');
    return /^[^/]+\/(?:\.?data[./]|constants\.pkl|version|byteorder|\.format_version)/.test(first)
      ? {
          is: `${shown} (a zip archive, as torch.save writes one)`,
          fix: `${ONE_FILE} \`tar -czf model.tar.gz model.pth\`.`,
        }
      : { is: `${shown} (a zip archive)`, fix: unpackFirst('unzip model.zip -d model') };
  }
  if (start.subarray(3, 9).equals(Buffer.from('\0\0\0\0\0{'))) {
    return { is: `${shown} (safetensors)`, fix: `${ONE_FILE} \`tar -czf model.tar.gz model.safetensors\`.` };
  }
  const format = FORMATS.find(({ magic }) => hex.startsWith(magic));
  if (format !== undefined) return { ...format, is: `${shown} (${format.is})` };
  const text = start.toString('utf8');
  if (!/^\s*[\p{L}<{["#][^\p{Cc}\ufffd]{7}/u.test(text)) return { is: shown };
  const fix = 'What was stored is text, an error page perhaps, instead of the file: fetch or upload the archive again.';
  return { is: `${shown} (the text ${JSON.stringify(text.trim().slice(0, 40))})`, fix };
}

function judgeBytes(uri: string, bytes: Uint8Array): Pick<Check, 'found' | 'fix'> {
  const { is, fix } = describe(bytes);
  const found = `${uri} begins with ${is}; expected a gzip tar archive (1f 8b).`;
  return fix === undefined ? { found } : { found, fix: `${fix} ${OWN_PATH}` };
}

/** gzip around something else. */
function notTar(uri: string, { reason, held }: Extract<ArchiveListing, { kind: 'not tar' }>): Check {
  const check = refused(`${uri} is no readable gzip tar archive: ${reason.replace(/[.]$/, '')}.`);
  if (held === undefined) return check;
  if (held[0] === 0x1f && held[1] === 0x8b) {
    const found = `${uri} is compressed by gzip twice; expected a tar in one gzip.`;
    return { ...check, found, fix: `Take one away: \`gzip -dc model.tar.gz > once.tar.gz\`. ${OWN_PATH}` };
  }
  const { is, fix } = describe(held);
  const found = `${uri} is gzip, and what is in it begins with ${is}; expected a tar.`;
  return { ...check, found, ...(fix === undefined ? {} : { fix: `${fix} ${OWN_PATH}` }) };
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
