import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { awsError } from '../aws/errors.ts';
import type { Aws, Identity, ObjectInfo } from '../aws/types.ts';
import type { Config } from '../config/index.ts';
import { memoizeByName } from '../core/concurrency.ts';
import { DeployError, type Result, resultOf, valueOf } from '../core/errors.ts';
import type { LeftOut, SourceTree } from '../core/files.ts';
import { formatS3Uri, parseS3Uri, type S3Location } from '../core/s3-uri.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Facts, Packager, Registrar, Request } from '../plan/types.ts';
import { type ArchiveListing, LISTING_BYTES, readArchive } from './archive.ts';
import { type NamedBucket, pipelineBuckets } from './buckets.ts';
import {
  builtInPackager,
  builtInRegistrar,
  type PythonSyntaxError,
  pythonSyntaxError,
  readSource,
  type SourceContext,
  sourceText,
} from './sources.ts';

/** A bucket that the run uses, and the AWS region it lies in; undefined: there is no such bucket. */
export interface InspectedBucket extends NamedBucket {
  readonly region: Result<string | undefined>;
  /** Belongs to another account than the credentials. */
  readonly foreign?: boolean;
}

interface InspectedModel {
  /** Of the object; of a local archive that is not uploaded yet its size alone. */
  readonly info: ObjectInfo;
  /** Of a local archive: whether it has to be uploaded, or an object of its size is there already. */
  readonly upload?: 'to do' | 'there' | 'another is there';
  readonly archive: Result<ArchiveListing>;
}

/** Everything that was inspected, concurrently, before anything is decided. */
export interface Inspection {
  /** Whose credentials these are. */
  readonly identity: Result<Identity>;
  readonly buckets: readonly InspectedBucket[];
  /** undefined: there is no such object. */
  readonly model: Result<InspectedModel | undefined>;
  readonly inferenceCode: Result<SourceTree>;
  /** What lies in the source folder and is no source of anybody's. */
  readonly leftOut?: readonly LeftOut[];
  /** Text of the inference entry point; undefined: there is none. */
  readonly handler: Result<string | undefined>;
  /** Where Python cannot read the inference entry point. */
  readonly handlerSyntaxError?: PythonSyntaxError | undefined;
  readonly packager: Result<Packager>;
  readonly registrar: Result<Registrar>;
}

/** Inspects everything concurrently. Never throws: what could not be read is part of the answer. */
export async function inspect(config: Config, inputs: Inputs, sources: SourceContext): Promise<Inspection> {
  const { aws } = sources;
  const source = memoizeByName((folder: string) => readSource(folder, sources));
  const from = { ...sources, tree: async (folder: string) => (await source(folder)).tree };
  const script = resultOf(sourceText(config.base.source_dir, config.model.inference_entry_point, from));
  const syntax = script.then((read) => pythonSyntaxError(valueOf(read) ?? ''));
  // Python reads the script while this thread is busy with loading the SDK.
  if (parseS3Uri(config.base.source_dir) === undefined) await script;
  const asked = resultOf(aws.identity());
  const [identity, buckets, model, inferenceCode, code, handler, handlerSyntaxError, packager, registrar] =
    await Promise.all([
      asked,
      asked.then((whose) =>
        Promise.all(
          pipelineBuckets(config, inputs.model).map((bucket) => inspectBucket(bucket, valueOf(whose)?.accountId, aws)),
        ),
      ),
      resultOf(isUploaded(inputs) ? inspectLocal(inputs.model, aws) : inspectModel(inputs.model, aws)),
      resultOf(from.tree(config.base.source_dir)),
      resultOf(source(config.base.source_dir)),
      script,
      syntax,
      resultOf(findPackager(config, from)),
      resultOf(findRegistrar(config, from)),
    ]);
  return {
    identity,
    buckets,
    model,
    inferenceCode,
    leftOut: valueOf(code)?.leftOut ?? [],
    handler,
    handlerSyntaxError,
    packager,
    registrar,
  };
}

/** Code, packager and registrar often lie in one folder: it is listed and its files are read once. */
interface InspectionSources extends SourceContext {
  readonly tree: (folder: string) => Promise<SourceTree>;
}

/** A bucket of another account is used as it is; whose it is can then not be asked for at every call. */
async function inspectBucket(
  { bucket, named }: NamedBucket,
  accountId: string | undefined,
  { objects }: Aws,
): Promise<InspectedBucket> {
  const region = await resultOf(objects.bucketRegion(bucket, accountId));
  if (region.ok || accountId === undefined || region.error.code !== 'access-denied') return { bucket, named, region };
  const anybodys = await resultOf(objects.bucketRegion(bucket));
  return { bucket, named, region: anybodys, foreign: anybodys.ok && anybodys.value !== undefined };
}

/** The object and its beginning in one request; where its content may not be read, the object alone. */
async function inspectModel(location: S3Location, aws: Aws): Promise<InspectedModel | undefined> {
  const found = await resultOf(aws.objects.readStart(location, LISTING_BYTES));
  if (!found.ok) {
    if (found.error.code !== 'access-denied') throw found.error;
    const info = await aws.objects.head(location);
    return info && { info, archive: found };
  }
  if (found.value === undefined) return undefined;
  const { start, ...info } = found.value;
  const isWhole = info.sizeBytes <= LISTING_BYTES;
  const listed = await resultOf(readArchive(start, isWhole));
  if (listed.ok) return { info, archive: listed };
  // The answer broke off in the middle, which the SDK does not repeat.
  const again = await aws.objects.readStart(location, LISTING_BYTES);
  if (again === undefined) return undefined;
  const reading = readArchive(again.start, isWhole).catch((thrown: unknown) => {
    throw awsError(thrown, `read the beginning of ${formatS3Uri(location)}`);
  });
  return { info, archive: await resultOf(reading) };
}

/** Whether the archive is a file of this machine; a rehearsal's is in the embedded S3 by now. */
function isUploaded({ mode, model }: Inputs): boolean {
  return model.file !== undefined && mode !== 'rehearse';
}

/** A local archive: its own beginning, and what is in S3 where it goes. */
async function inspectLocal({ file = '', ...location }: Inputs['model'], aws: Aws): Promise<InspectedModel> {
  const { size: sizeBytes } = await stat(file);
  const start = createReadStream(file, { end: LISTING_BYTES - 1 });
  const [there, archive] = await Promise.all([
    // Without s3:ListBucket a missing object looks forbidden: the upload will show.
    aws.objects.head({ bucket: location.bucket, key: location.key }).catch(() => undefined),
    resultOf(readArchive(start, sizeBytes <= LISTING_BYTES)),
  ]);
  if (there === undefined) return { info: { sizeBytes, etag: '', versionId: undefined }, archive, upload: 'to do' };
  return { info: there, archive, upload: there.sizeBytes === sizeBytes ? 'there' : 'another is there' };
}

/** The same inspection after the upload: as what S3 knows the archive. */
export async function withUploadedModel(inspection: Inspection, { model }: Inputs, aws: Aws): Promise<Inspection> {
  const info = await aws.objects.head({ bucket: model.bucket, key: model.key });
  const before = valueOf(inspection.model);
  if (info === undefined || before === undefined) return { ...inspection, model: { ok: true, value: undefined } };
  return { ...inspection, model: { ok: true, value: { info, archive: before.archive } } };
}

/** S3 version id, or ETag and size where the bucket keeps no versions. */
export function modelIdentity({ versionId, etag, sizeBytes }: ObjectInfo): string {
  return versionId === undefined || versionId === 'null' ? `${etag}-${sizeBytes}` : versionId;
}

async function findPackager(config: Config, from: InspectionSources): Promise<Packager> {
  const folder = config.package.processing_source_dir ?? config.base.source_dir;
  const entryPoint = config.package.processing_entry_point;
  const isLocal = parseS3Uri(folder) === undefined;
  if (isLocal && from.files.kind(posix.join(folder, entryPoint)) !== 'file') return builtInPackager(from);
  const tree = await from.tree(folder);
  if (tree.some((file) => file.path === entryPoint)) return { kind: 'own', entryPoint, tree };
  return builtInPackager(from);
}

async function findRegistrar(config: Config, from: InspectionSources): Promise<Registrar> {
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

const NOTHING: Packager & Registrar = { kind: 'built-in', entryPoint: '', tree: [] };

/**
 * What planning needs of the inspection. What could not be read gets a placeholder, so that a plan can be shown and every
 * check made;
 * only a plan of facts is carried out.
 */
export function factsOf(inspection: Inspection, { model }: Inputs, { roleArn }: Request): Facts {
  const found = valueOf(inspection.model);
  return {
    // A role is passed within its account: the pipeline's role names the account where the credentials do not.
    accountId: valueOf(inspection.identity)?.accountId ?? accountOf(roleArn),
    model: {
      uri: model.uri,
      sizeBytes: found?.info.sizeBytes ?? 0,
      identity: found === undefined || found.upload === 'to do' ? 'unknown' : modelIdentity(found.info),
    },
    inferenceCode: valueOf(inspection.inferenceCode) ?? [],
    packager: valueOf(inspection.packager) ?? NOTHING,
    registrar: valueOf(inspection.registrar) ?? NOTHING,
    unknown: [
      ...(found === undefined || found.upload === 'to do' ? (['the model'] as const) : []),
      ...(!inspection.inferenceCode.ok ? (['the inference code'] as const) : []),
      ...(!inspection.packager.ok ? (['the packager'] as const) : []),
      ...(!inspection.registrar.ok ? (['the registration script'] as const) : []),
    ],
  };
}

export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}
