import { posix } from 'node:path';
import type { Aws } from '../aws/types.ts';
import { DeployError } from '../core/errors.ts';
import type { Files, SourceTree } from '../core/files.ts';
import { formatS3Uri, parseS3Uri, type S3Location } from '../core/s3-uri.ts';
import type { Packager, Registrar } from '../plan/types.ts';

/** Where source folders lie: on the disk or in S3. */
export interface SourceContext {
  readonly aws: Aws;
  readonly files: Files;
  /** Folder of the action's own container scripts. */
  readonly containerFolder: string;
}

const BUILT_IN_PACKAGER = 'package_model.py';
const BUILT_IN_REGISTRAR = 'register_model.py';

/**
 * All files of a source folder, local or in S3.
 * @throws DeployError `source-missing` where there is nothing
 */
export async function sourceTree(folder: string, { aws, files }: SourceContext): Promise<SourceTree> {
  const location = parseS3Uri(folder);
  if (location === undefined) return files.tree(folder);
  const { prefix, objects } = await listFolder(location, aws);
  if (objects.length === 0) {
    throw new DeployError('source-missing', `There is nothing under ${formatS3Uri(prefix)}.`, {
      advice: 'Upload the source folder there, or name a local one.',
    });
  }
  return objects.map((object) => ({
    path: object.key.slice(prefix.key.length),
    sizeBytes: object.sizeBytes,
    digest: `${object.etag}-${object.sizeBytes}`,
    origin: { kind: 'object', from: { bucket: prefix.bucket, key: object.key } },
  }));
}

/** Objects below a folder of S3, without those that stand for folders themselves. */
export async function listFolder(location: S3Location, aws: Aws) {
  const key = location.key === '' ? '' : `${location.key.replace(/\/+$/, '')}/`;
  const prefix = { bucket: location.bucket, key };
  const found = await aws.objects.list(prefix);
  return { prefix, objects: found.filter((object) => !object.key.endsWith('/')) };
}

/** The text of one file of a source folder; undefined where there is none. */
export async function sourceText(
  folder: string,
  path: string,
  { aws, files }: SourceContext,
): Promise<string | undefined> {
  const location = parseS3Uri(folder);
  if (location !== undefined) {
    const key = posix.join(location.key, path);
    return (await aws.objects.readText({ bucket: location.bucket, key }))?.text;
  }
  const local = posix.join(folder, path);
  return files.kind(local) === 'file' ? files.readText(local) : undefined;
}

export async function builtInPackager(sources: SourceContext): Promise<Packager> {
  return { kind: 'built-in', entryPoint: BUILT_IN_PACKAGER, tree: await ownScripts(sources, false) };
}

export async function builtInRegistrar(sources: SourceContext): Promise<Registrar> {
  return { kind: 'built-in', entryPoint: BUILT_IN_REGISTRAR, tree: await ownScripts(sources, true) };
}

/** The action's scripts for one kind of job: a change to the registration must not make every package a new one. */
async function ownScripts({ files, containerFolder }: SourceContext, registration: boolean): Promise<SourceTree> {
  const tree = await files.tree(containerFolder);
  return tree.filter(({ path }) => path.endsWith('.py') && path.startsWith('register_') === registration);
}
