import type { ArchiveMember } from '../../src/inspect/archive.ts';
import { archive, type Case, member, model, saw } from './view.ts';
import type { Row } from './world-cases.ts';

const HANDLER = 'def model_fn(model_dir):\n    return load(os.path.join(model_dir, "model.pth"))\n';

interface Held {
  readonly handler?: string;
  readonly complete?: boolean;
  readonly archiveBytes?: number;
}

function holding(members: readonly (string | ArchiveMember)[], held: Held = {}): Case {
  const { handler = HANDLER, complete = true, archiveBytes } = held;
  const listing = archive(
    members.map((entry) => (typeof entry === 'string' ? member(entry) : entry)),
    { complete },
  );
  return { inspection: { handler: saw(handler), model: model(listing, archiveBytes) } };
}

const folder = (name: string) => member(name, { type: 'directory', sizeBytes: 0 });
const link = (name: string, target: string) => member(name, { type: 'symlink', link: target, sizeBytes: 0 });
const archived = (name: string, sizeBytes = 1000) => member(name, { sizeBytes });

/** What the entries of an archive say together. */
export const ENTRY_CASES: readonly Row[] = [
  [
    'a link whose file comes first',
    'model-archive',
    holding(['blobs/1', link('m.pth', 'blobs/1')]),
    'passed',
    /a link is/,
  ],
  [
    'a link whose file comes later',
    'model-archive',
    holding([link('m.pth', 'b/1'), 'b/1']),
    'failed',
    /comes after it/,
  ],
  [
    'a link to nothing',
    'model-archive',
    holding(['a', link('m.pth', 'b/1')]),
    'failed',
    /which is not in it; the packager/,
  ],
  [
    'a link to what was not read',
    'model-archive',
    holding(['a', link('m.pth', 'b/1')], { complete: false }),
    'failed',
    /does not come before it/,
  ],
  ['a link to a folder', 'model-archive', holding(['b/1', link('m', 'b')]), 'failed', /which is a folder/],
  ['a link to itself', 'model-archive', holding(['a', link('m', 'm')]), 'failed', /is the link itself/],
  [
    'a link into code/',
    'model-archive',
    holding(['code/inference.py', link('m', 'code/inference.py')]),
    'failed',
    /leads into code\/, which is replaced/,
  ],
  ['an absolute link', 'model-archive', holding(['a', link('m', '/etc/passwd')]), 'failed', /leads out of it/],
  ['a link inside code/', 'model-archive', holding(['m.pth', link('code/x', '/etc/passwd')]), 'passed', /2 entries/],
  ['a folder twice', 'model-archive', holding([folder('./a/'), folder('a'), 'a.pth']), 'passed', /3 entries/],
  ['a file twice', 'model-archive', holding(['./a.pth', 'a.pth']), 'failed', /holds "a\.pth" twice/],
  [
    'a folder above all, which the handler names',
    'model-archive',
    holding(['mnist/model.pth'], { handler: 'load(os.path.join(model_dir, "mnist/model.pth"))' }),
    'passed',
    /1 entry/,
  ],
  [
    'a folder above all, whose name is part of another word of the handler',
    'model-archive',
    holding([folder('model'), 'model/model.pth']),
    'warning',
    /all is in model\//,
  ],
  [
    'a folder above all that was read',
    'model-archive',
    holding(['mnist/model.pth'], { complete: false }),
    'suggestion',
    /nothing lies at its root so far/,
  ],
  ['folders beside each other', 'model-archive', holding(['a/1', 'b/1']), 'passed', /2 entries/],
  [
    'an archive that the handler unpacks',
    'model-archive',
    holding(['inner.tgz'], { handler: 'import tarfile' }),
    'passed',
    /1 entry/,
  ],
  [
    'a large archive in the archive',
    'model-archive',
    holding([archived('inner.tar.gz', 990_000)], { complete: false, archiveBytes: 1_000_000 }),
    'warning',
    /nothing but another archive/,
  ],
  [
    'an archive before other files',
    'model-archive',
    holding([archived('extra.tar.gz')], { complete: false, archiveBytes: 1_000_000 }),
    'passed',
    /1 entry/,
  ],
  [
    'a pointer that is no weights',
    'model-archive',
    holding(['model.pth', member('README.md', { isPointer: true })]),
    'warning',
    /holds "README\.md" as a Git LFS pointer/,
  ],
  [
    'files of code/ that source_dir has',
    'model-code',
    holding(['m.pth', 'code/inference.py']),
    'passed',
    /file by file/,
  ],
  [
    'files of code/ that source_dir lacks',
    'model-code',
    holding(['m.pth', 'code/vocab.txt', 'code/__pycache__/a.pyc']),
    'warning',
    /"code\/vocab\.txt" would be dropped/,
  ],
  [
    'weights that a newer PyTorch wrote',
    'images',
    holding([member('model.pth', { writtenSince: '2.6' })]),
    'suggestion',
    'model.pth was written by PyTorch 2.6 or newer; the image has 2.1.0 (base.framework_version).',
  ],
  [
    'weights that this PyTorch can have written',
    'images',
    holding([member('model.pth', { writtenSince: '2.1' })]),
    'passed',
    /AWS publishes/,
  ],
];
