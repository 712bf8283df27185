import { posix } from 'node:path';
import { formatS3Uri, parseS3Uri } from './aws/s3-uri.ts';
import type { Aws, ObjectInfo } from './aws/types.ts';
import type { Config } from './config/index.ts';
import { DeployError } from './errors.ts';
import type { Files } from './files.ts';
import type { Inputs } from './inputs.ts';
import type { Facts, Packager, Registrar, SourceTree } from './plan/types.ts';
import { PIPELINE_REGION } from './regions.ts';

export interface GatherSources {
  readonly aws: Aws;
  readonly files: Files;
  /** Folder of the action's own container scripts. */
  readonly containerFolder: string;
}

const BUILT_IN_PACKAGER = 'package_model.py';
const BUILT_IN_REGISTRAR = 'register_model.py';

/**
 * Looks at the world, side by side: whose credentials, the bucket, the model archive, the sources.
 * @throws DeployError for the first thing that is missing, in an order that a reader mends them in.
 */
export async function gather(config: Config, inputs: Inputs, sources: GatherSources): Promise<Facts> {
  const looks = [
    sources.aws.identity(),
    checkBucket(config, sources.aws),
    lookAtModel(inputs.model, sources.aws),
    inferenceTree(config, sources),
    packager(config, sources),
    registrar(config, sources),
  ] as const;
  // All of them end before the first failure is told: nothing goes on behind a finished run.
  await Promise.allSettled(looks);
  const [{ accountId }, , model, inferenceCode, packagerFound, registrarFound] = await Promise.all(looks);
  return { accountId, model, inferenceCode, packager: packagerFound, registrar: registrarFound };
}

async function checkBucket({ base }: Config, aws: Aws): Promise<void> {
  const region = await aws.objects.bucketRegion(base.bucket);
  if (region === undefined) {
    throw new DeployError(
      'bucket-missing',
      `The bucket ${base.bucket} (base.bucket of the configuration) does not exist.`,
      {
        advice: `Create it in ${PIPELINE_REGION}, or correct its name.`,
      },
    );
  }
  if (region !== PIPELINE_REGION) {
    throw new DeployError(
      'bucket-region',
      `The bucket ${base.bucket} is in ${region}; expected ${PIPELINE_REGION}, where the pipeline runs.`,
      {
        advice: `Name a bucket of ${PIPELINE_REGION} in base.bucket.`,
      },
    );
  }
}

async function lookAtModel(model: Inputs['model'], aws: Aws): Promise<Facts['model']> {
  const found = await aws.objects.head(model);
  if (found === undefined) {
    throw new DeployError('model-missing', `There is no object ${model.uri} (input model-s3-path).`, {
      advice:
        'Upload the model archive before this step, or correct the path; without s3:ListBucket, a missing object looks forbidden.',
    });
  }
  if (found.sizeBytes === 0) {
    throw new DeployError('model-missing', `${model.uri} is empty (0 bytes); expected a gzip tar archive.`, {
      advice: 'Upload the model archive again.',
    });
  }
  return { uri: model.uri, sizeBytes: found.sizeBytes, identity: modelIdentity(found) };
}

/** S3 version id, or ETag and size where the bucket keeps no versions. */
export function modelIdentity({ versionId, etag, sizeBytes }: ObjectInfo): string {
  return versionId === undefined || versionId === 'null' ? `${etag}-${sizeBytes}` : versionId;
}

async function inferenceTree(config: Config, sources: GatherSources): Promise<SourceTree> {
  const folder = config.base.source_dir;
  const tree = await sourceTree(folder, sources);
  if (!tree.some((file) => file.path === config.model.inference_entry_point)) {
    throw new DeployError(
      'source-missing',
      `${config.model.inference_entry_point} is not in ${folder} (model.inference_entry_point, base.source_dir).`,
      {
        advice: 'Name the script with the handler functions, as a path inside source_dir.',
      },
    );
  }
  return tree;
}

async function packager(config: Config, sources: GatherSources): Promise<Packager> {
  const folder = config.package.processing_source_dir ?? config.base.source_dir;
  const entryPoint = config.package.processing_entry_point;
  const location = parseS3Uri(folder);
  const isLocal = location === undefined;
  if (isLocal && sources.files.kind(posix.join(folder, entryPoint)) !== 'file') return builtInPackager(sources);
  const tree = await sourceTree(folder, sources);
  if (tree.some((file) => file.path === entryPoint)) return { kind: 'own', entryPoint, tree };
  return builtInPackager(sources);
}

async function builtInPackager(sources: GatherSources): Promise<Packager> {
  return { kind: 'built-in', entryPoint: BUILT_IN_PACKAGER, tree: await ownScripts(sources, false) };
}

async function registrar(config: Config, sources: GatherSources): Promise<Registrar> {
  const entryPoint = config.registration.registration_entry_point;
  if (entryPoint === null || entryPoint === undefined) {
    return { kind: 'built-in', entryPoint: BUILT_IN_REGISTRAR, tree: await ownScripts(sources, true) };
  }
  const folder = config.package.processing_source_dir ?? config.base.source_dir;
  return { kind: 'own', entryPoint, tree: await sourceTree(folder, sources) };
}

/** The action's scripts for one kind of job: a change to the registration must not make every package a new one. */
async function ownScripts({ files, containerFolder }: GatherSources, registration: boolean): Promise<SourceTree> {
  const tree = await files.tree(containerFolder);
  return tree.filter(({ path }) => path.endsWith('.py') && path.startsWith('register_') === registration);
}

async function sourceTree(folder: string, { aws, files }: GatherSources): Promise<SourceTree> {
  const location = parseS3Uri(folder);
  if (location === undefined) return files.tree(folder);
  const prefix = { bucket: location.bucket, key: location.key === '' ? '' : `${location.key.replace(/\/+$/, '')}/` };
  const objects = await aws.objects.list(prefix);
  if (objects.length === 0) {
    throw new DeployError('source-missing', `There is nothing under ${formatS3Uri(prefix)}.`, {
      advice: 'Upload the source folder there, or name a local one.',
    });
  }
  return objects
    .filter((object) => !object.key.endsWith('/'))
    .map((object) => ({
      path: object.key.slice(prefix.key.length),
      sizeBytes: object.sizeBytes,
      digest: `${object.etag}-${object.sizeBytes}`,
      origin: { kind: 'object', from: { bucket: prefix.bucket, key: object.key } },
    }));
}
