import { execFile } from 'node:child_process';
import { posix } from 'node:path';
import type { Aws } from '../aws/types.ts';
import { DeployError } from '../core/errors.ts';
import { type Files, type LeftOut, leftOutOf, type SourceTree } from '../core/files.ts';
import { formatS3Uri, parseS3Uri, type S3Location } from '../core/s3-uri.ts';
import { declaresCoding, formatSize, shellWord, TextEncodingError, utf8Help } from '../core/text.ts';
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

/** A source folder: its files, and what lies in it and is no source of anybody's. */
export interface Source {
  readonly tree: SourceTree;
  readonly leftOut: readonly LeftOut[];
}

/**
 * All files of a source folder, local or in S3.
 * @throws DeployError `source-missing` where there is nothing
 */
export async function readSource(folder: string, { aws, files }: SourceContext): Promise<Source> {
  const location = parseS3Uri(folder);
  if (location === undefined) {
    const [tree, left] = await Promise.all([files.tree(folder), files.leftOut(folder)]);
    return { tree, leftOut: left };
  }
  const { prefix, objects } = await listFolder(location, aws);
  if (objects.length === 0) throw await nothingUnder(location, aws);
  const all = objects.map(({ key, sizeBytes, etag }) => ({
    path: key.slice(prefix.key.length),
    sizeBytes,
    digest: `${etag}-${sizeBytes}`,
    origin: { kind: 'object', from: { bucket: prefix.bucket, key } } as const,
  }));
  const left = leftOutOf(all.map(({ path }) => path));
  return { tree: all.filter(({ path }) => !left.some((folder) => path.startsWith(`${folder.path}/`))), leftOut: left };
}

/** A folder was expected; an archive of one, as other tools take it, is the usual mistake. */
async function nothingUnder(location: S3Location, aws: Aws): Promise<DeployError> {
  const single = { ...location, key: location.key.replace(/\/+$/, '') };
  const uri = formatS3Uri(single);
  const object = single.key === '' ? undefined : await aws.objects.head(single).catch(() => undefined);
  if (object === undefined) {
    return new DeployError('source-missing', `There is nothing under ${uri}/.`, {
      advice: 'Upload the source folder there, or name a local one.',
    });
  }
  return new DeployError(
    'source-missing',
    `${uri} (base.source_dir) is one object of ${formatSize(object.sizeBytes)}; expected a folder of files.`,
    {
      advice: folderHelp(uri),
    },
  );
}

function folderHelp(uri: string): string {
  if (uri.endsWith('.py')) return `Name the folder that it is in: ${posix.dirname(uri)}`;
  const word = shellWord(uri);
  const unpack = /\.(?:tar\.gz|tgz)$/.test(uri)
    ? `mkdir scripts && aws s3 cp ${word} - | tar -xz -C scripts`
    : `aws s3 cp ${word} code.zip && unzip code.zip -d scripts`;
  return `Unpack it (\`${unpack}\`) and name the local folder scripts, or upload that with \`aws s3 cp --recursive scripts s3://bucket/prefix/\` and name the prefix.`;
}

/** Objects below a folder of S3, without those that stand for folders themselves. */
export async function listFolder(location: S3Location, aws: Aws) {
  const key = location.key === '' ? '' : `${location.key.replace(/\/+$/, '')}/`;
  const prefix = { bucket: location.bucket, key };
  const found = await aws.objects.list(prefix);
  return { prefix, objects: found.filter((object) => !object.key.endsWith('/')) };
}

/** The text of one script of a source folder; undefined where there is none. */
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
  if (files.kind(local) !== 'file') return undefined;
  return files.readText(local, 'python').catch((thrown: unknown) => {
    if (!(thrown instanceof TextEncodingError)) throw thrown;
    throw new DeployError('source-missing', `${path} in ${folder} is ${thrown.encoding}, which Python does not read.`, {
      advice: utf8Help(local, thrown),
    });
  });
}

/** Where Python cannot read a script, by the Python of this machine: `version` is like `3.12`. */
export interface PythonSyntaxError {
  readonly line: number;
  readonly message: string;
  readonly version: string;
}

const PARSE = `
import sys
try:
    compile(sys.stdin.buffer.read(), "script", "exec", dont_inherit=True)
except (SyntaxError, ValueError) as error:
    import json
    line, message = getattr(error, "lineno", None) or 1, getattr(error, "msg", None) or str(error)
    print(json.dumps({"line": line, "message": message, "version": "%d.%d" % sys.version_info[:2]}))
`;

/**
 * Parsed only, nothing of it runs. undefined: it can be read, or cannot be asked for: no Python is there, or the script is
 * in an encoding of its own, of which only ASCII is known here.
 */
export async function pythonSyntaxError(text: string): Promise<PythonSyntaxError | undefined> {
  if (declaresCoding(text)) return undefined;
  // Isolated, and with nothing of our environment but the path: what is parsed may come from anybody.
  const options = { env: { PATH: process.env['PATH'] }, timeout: 30_000 };
  const answer = await new Promise<string>((settle) => {
    const python = execFile('python3', ['-I', '-S', '-W', 'ignore', '-c', PARSE], options, (error, stdout) =>
      settle(error === null ? stdout : ''),
    );
    python.stdin?.on('error', () => undefined).end(text);
  });
  return answer === '' ? undefined : (JSON.parse(answer) as PythonSyntaxError);
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
