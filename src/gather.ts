import { posix } from 'node:path';
import { parseS3Uri, type S3Location } from './aws/s3-uri.ts';
import type { Aws, Identity, ObjectInfo } from './aws/types.ts';
import type { Config } from './config/index.ts';
import { DeployError } from './errors.ts';
import type { Inputs } from './inputs.ts';
import type { Packager, Registrar, SourceTree } from './plan/types.ts';
import { eachOnce } from './once.ts';
import { LOOK_BYTES, readArchive, type ArchiveSight } from './preflight/archive.ts';
import { sighting, type Sighting } from './sighting.ts';
import { builtInPackager, builtInRegistrar, sourceText, sourceTree, type Sources } from './sources.ts';

/** A bucket that the run uses, and the AWS region it lies in; undefined: there is no such bucket. */
export interface BucketSight {
  readonly bucket: string;
  /** What names it: a field of the configuration, or an input. */
  readonly named: string;
  readonly region: Sighting<string | undefined>;
}

export interface ModelSight {
  readonly info: ObjectInfo;
  readonly archive: Sighting<ArchiveSight>;
}

/** Everything that was looked at, side by side, before anything is decided. */
export interface Sightings {
  /** Whose credentials these are. */
  readonly identity: Sighting<Identity>;
  readonly buckets: readonly BucketSight[];
  /** undefined: there is no such object. */
  readonly model: Sighting<ModelSight | undefined>;
  readonly inferenceCode: Sighting<SourceTree>;
  /** Text of the inference entry point; undefined: there is none. */
  readonly handler: Sighting<string | undefined>;
  readonly packager: Sighting<Packager>;
  readonly registrar: Sighting<Registrar>;
}

/** Looks at the world, all of it at once. Never throws: what could not be seen is part of the answer. */
export async function gather(config: Config, inputs: Inputs, sources: Sources): Promise<Sightings> {
  const { aws } = sources;
  const from = { ...sources, tree: eachOnce((folder: string) => sourceTree(folder, sources)) };
  const [identity, buckets, model, inferenceCode, handler, packager, registrar] = await Promise.all([
    sighting(aws.identity()),
    Promise.all(bucketsOf(config, inputs).map((bucket) => lookAtBucket(bucket, aws))),
    sighting(lookAtModel(inputs.model, aws)),
    sighting(from.tree(config.base.source_dir)),
    sighting(sourceText(config.base.source_dir, config.model.inference_entry_point, from)),
    sighting(findPackager(config, from)),
    sighting(findRegistrar(config, from)),
  ]);
  return { identity, buckets, model, inferenceCode, handler, packager, registrar };
}

/** Code, packager and registrar often lie in one folder: it is listed and its files are read once. */
interface Looking extends Sources {
  readonly tree: (folder: string) => Promise<SourceTree>;
}

type NamedBucket = Pick<BucketSight, 'bucket' | 'named'>;

/** Buckets that the pipeline's jobs read from or write to, each once. */
function bucketsOf({ base, package: packaging }: Config, { model }: Inputs): readonly NamedBucket[] {
  const named: NamedBucket[] = [
    { bucket: base.bucket, named: 'base.bucket of the configuration' },
    ...bucketOfUri(base.pipeline_s3_loc, 'base.pipeline_s3_loc of the configuration'),
    { bucket: model.bucket, named: 'input model-s3-path' },
    ...bucketOfUri(base.source_dir, 'base.source_dir of the configuration'),
    ...bucketOfUri(packaging.processing_source_dir ?? '', 'package.processing_source_dir of the configuration'),
  ];
  return named.filter(({ bucket }, index) => named.findIndex((other) => other.bucket === bucket) === index);
}

function bucketOfUri(uri: string, named: string): readonly NamedBucket[] {
  const location = parseS3Uri(uri);
  return location === undefined ? [] : [{ bucket: location.bucket, named }];
}

async function lookAtBucket({ bucket, named }: NamedBucket, aws: Aws): Promise<BucketSight> {
  return { bucket, named, region: await sighting(aws.objects.bucketRegion(bucket)) };
}

/** The object and its beginning in one request; where its content may not be read, the object alone. */
async function lookAtModel(location: S3Location, aws: Aws): Promise<ModelSight | undefined> {
  const found = await sighting(aws.objects.readStart(location, LOOK_BYTES));
  if (found.kind === 'unseen') {
    if (found.error.code !== 'access-denied') throw found.error;
    const info = await aws.objects.head(location);
    return info && { info, archive: found };
  }
  if (found.value === undefined) return undefined;
  const { start, ...info } = found.value;
  return { info, archive: await sighting(readArchive(start, info.sizeBytes <= LOOK_BYTES)) };
}

/** S3 version id, or ETag and size where the bucket keeps no versions. */
export function modelIdentity({ versionId, etag, sizeBytes }: ObjectInfo): string {
  return versionId === undefined || versionId === 'null' ? `${etag}-${sizeBytes}` : versionId;
}

async function findPackager(config: Config, from: Looking): Promise<Packager> {
  const folder = config.package.processing_source_dir ?? config.base.source_dir;
  const entryPoint = config.package.processing_entry_point;
  const isLocal = parseS3Uri(folder) === undefined;
  if (isLocal && from.files.kind(posix.join(folder, entryPoint)) !== 'file') return builtInPackager(from);
  const tree = await from.tree(folder);
  if (tree.some((file) => file.path === entryPoint)) return { kind: 'own', entryPoint, tree };
  return builtInPackager(from);
}

async function findRegistrar(config: Config, from: Looking): Promise<Registrar> {
  const entryPoint = config.registration.registration_entry_point;
  if (entryPoint === null || entryPoint === undefined) return builtInRegistrar(from);
  const folder = config.package.processing_source_dir ?? config.base.source_dir;
  const tree = await from.tree(folder);
  if (tree.some((file) => file.path === entryPoint)) return { kind: 'own', entryPoint, tree };
  throw new DeployError(
    'source-missing',
    `${entryPoint} is not in ${folder} (registration.registration_entry_point, package.processing_source_dir).`,
    { advice: 'Name the script that registers, as a path inside the source folder.' },
  );
}
