import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { assumeRoleWithWebIdentity } from '../aws/sdk/assume-role.ts';
import { createAws } from '../aws/sdk/index.ts';
import type { Aws } from '../aws/types.ts';
import type { Config } from '../config/index.ts';
import { cancelledBeforeStart, DeployError } from '../core/errors.ts';
import { AWS_REGIONS, PIPELINE_REGION } from '../core/regions.ts';
import type { Runner } from '../core/runner.ts';
import { formatS3Uri, parseS3Uri, type S3Location } from '../core/s3-uri.ts';
import { formatSize } from '../core/text.ts';
import { pipelineBuckets } from '../inspect/buckets.ts';
import { listFolder } from '../inspect/sources.ts';
import { defaultBucket } from '../plan/locations.ts';
import type { TargetRequest } from './target.ts';

/** S3 takes so much in one request; the embedded one keeps to it. */
const LARGEST_PUT_BYTES = 5 * 1024 ** 3;

/** A file that has to be in the embedded S3 before the run. */
export interface Resource {
  readonly path: string;
  readonly target: S3Location;
  readonly sizeBytes: number;
}

interface ResourceSources {
  /** The caller's own AWS, for what lies in S3; asked only where something does. */
  readonly openAws: () => Aws;
  readonly runner: Runner;
  /** Where downloads are put. */
  readonly folder: string;
  readonly cancelled: AbortSignal;
}

/**
 * The model and whatever else of the run lies in S3, as files on this machine.
 * @throws DeployError `model-missing` where there is no such file or object
 */
export async function collectResources(request: TargetRequest, sources: ResourceSources): Promise<readonly Resource[]> {
  const { base, package: packaging } = request.config;
  const folders = new Set([base.source_dir, packaging.processing_source_dir ?? '']);
  const resources = [await modelFile(request, sources)];
  for (const folder of folders) {
    const location = parseS3Uri(folder);
    if (location !== undefined) resources.push(...(await sourceFiles(location, sources)));
  }
  return resources;
}

async function modelFile({ inputs, files }: TargetRequest, sources: ResourceSources): Promise<Resource> {
  const { model } = inputs;
  const target = { bucket: model.bucket, key: model.key };
  if (model.file === undefined) return downloadModel(target, sources);
  const path = files.resolve(model.file);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) {
    refuseLarge(target, found.size);
    return { path, target, sizeBytes: found.size };
  }
  const what = found === undefined ? 'does not exist' : 'is no file';
  throw new DeployError('model-missing', `The model archive ${path} ${what} (input model-s3-path).`, {
    advice: 'With mode: rehearse it is a path from working-directory, or s3://bucket/key/model.tar.gz.',
  });
}

async function downloadModel(
  location: S3Location,
  { openAws, runner, folder, cancelled }: ResourceSources,
): Promise<Resource> {
  const uri = formatS3Uri(location);
  const path = join(folder, 'model.tar.gz');
  const begin = (sizeBytes: number) => {
    refuseLarge(location, sizeBytes);
    const onBytes = runner.transfer(`Downloading ${uri}`, sizeBytes);
    return (doneBytes: number): void => {
      if (cancelled.aborted) throw cancelledBeforeStart();
      onBytes(doneBytes);
    };
  };
  const sizeBytes = await openAws().objects.download(location, path, begin);
  if (sizeBytes !== undefined) return { path, target: location, sizeBytes };
  throw new DeployError('model-missing', `There is no object ${uri} (input model-s3-path).`, {
    advice: 'Correct the path, or rehearse with a local one.',
  });
}

async function sourceFiles(location: S3Location, { openAws, folder }: ResourceSources): Promise<readonly Resource[]> {
  const aws = openAws();
  const { objects } = await listFolder(location, aws);
  // Where there is one object instead of a folder, the run has to see that.
  const instead = objects.length > 0 || location.key === '' ? undefined : await aws.objects.head(location);
  const found: Resource[] = [];
  for (const { key, sizeBytes } of instead === undefined ? objects : [{ ...instead, key: location.key }]) {
    const target = { bucket: location.bucket, key };
    // Keys are no paths here: none of them says where on this disk it lies.
    const path = join(folder, `source-${location.bucket}-${found.length}`);
    await aws.objects.download(target, path, () => () => undefined);
    found.push({ path, target, sizeBytes });
  }
  return found;
}

/** Puts it where the run will read it. */
export async function provide(resources: readonly Resource[], { objects }: Aws, runner: Runner): Promise<void> {
  for (const { path, target, sizeBytes } of resources) {
    const onBytes = runner.transfer(`Putting ${target.key} into the embedded S3`, sizeBytes);
    await objects.put(target, { path }, { condition: { kind: 'always' }, onBytes });
    onBytes(sizeBytes);
  }
}

function refuseLarge(target: S3Location, sizeBytes: number): void {
  if (sizeBytes <= LARGEST_PUT_BYTES) return;
  throw new DeployError(
    'rehearsal-failed',
    `${formatS3Uri(target)} has ${formatSize(sizeBytes)}; a rehearsal takes at most 5 GiB.`,
    {
      advice:
        'Rehearse with a smaller model of the same kind: the pipeline, the handler and the payloads are the same.',
    },
  );
}

/** Every bucket that the run will use, with its AWS region: an account would have them already. */
export function rehearsalBuckets(
  { config, inputs, request }: Pick<TargetRequest, 'config' | 'inputs' | 'request'>,
  accountId: string,
): ReadonlyMap<string, string> {
  const { base } = config;
  const ofRegions = request.regions
    .filter((region) => region !== 'NA')
    .map(
      (region) => [base.regional_buckets?.[region] ?? defaultBucket(region, accountId), AWS_REGIONS[region]] as const,
    );
  return new Map([
    ...ofRegions,
    ...pipelineBuckets(config, inputs.model).map(({ bucket }) => [bucket, PIPELINE_REGION] as const),
  ]);
}

/**
 * A group that is given by its ARN must exist, in another account perhaps: there it is made, in the embedded registry, as
 * its owner would have made it.
 */
export async function provideGroup({ base }: Config, nowMs: number): Promise<void> {
  const [, , , region = '', accountId = '', resource = ''] = base.model_package_group_name.split(':');
  if (resource === '') return;
  const session = {
    roleArn: `arn:aws:iam::${accountId}:role/rehearsal`,
    sessionName: 'rehearsal',
    durationSeconds: 3600,
    audience: 'sts.amazonaws.com',
  };
  const owner = createAws({ credentials: () => assumeRoleWithWebIdentity(session, unsignedToken(nowMs)) });
  await owner.registry(region).createGroup(resource.slice(resource.indexOf('/') + 1), 'Made for a rehearsal', {});
}

/** A token that nobody signed: the embedded STS knows no keys, and no other service takes it. */
function unsignedToken(nowMs: number): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'rehearsal', aud: 'sts.amazonaws.com', exp: Math.floor(nowMs / 1000) + 3600 };
  return `${encode({ alg: 'none' })}.${encode(claims)}.${Buffer.from('unsigned').toString('base64url')}`;
}
