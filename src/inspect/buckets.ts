import type { Aws } from '../aws/types.ts';
import type { Config } from '../config/index.ts';
import { type Result, resultOf } from '../core/errors.ts';
import { AWS_REGIONS, type RegionCode } from '../core/regions.ts';
import { parseS3Uri } from '../core/s3-uri.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Registration } from '../plan/types.ts';
import { type InspectedHolders, inspectHolders } from './models.ts';

export interface NamedBucket {
  readonly bucket: string;
  /** What names it: a field of the configuration, or an input. */
  readonly named: string;
}

/** Buckets that jobs in the pipeline's region read from or write to, each once. */
export function pipelineBuckets({ base, package: packaging }: Config, model: Inputs['model']): readonly NamedBucket[] {
  const named: NamedBucket[] = [
    { bucket: base.bucket, named: 'base.bucket of the configuration' },
    ...bucketOf(base.pipeline_s3_loc, 'base.pipeline_s3_loc of the configuration'),
    {
      bucket: model.bucket,
      named: model.uploadPrefix === undefined ? 'input model-s3-path' : 'input model-upload-path',
    },
    ...bucketOf(base.source_dir, 'base.source_dir of the configuration'),
    ...bucketOf(packaging.processing_source_dir ?? '', 'package.processing_source_dir of the configuration'),
  ];
  return named.filter(({ bucket }, index) => named.findIndex((other) => other.bucket === bucket) === index);
}

function bucketOf(uri: string, named: string): readonly NamedBucket[] {
  const location = parseS3Uri(uri);
  return location === undefined ? [] : [{ bucket: location.bucket, named }];
}

/** What only some regions need: buckets that are configured for them, and a group that is given by its ARN. */
export interface RegionalInspection {
  readonly buckets: readonly InspectedRegionalBucket[];
  /** undefined: the group is given by its name. */
  readonly group: InspectedGroup | undefined;
  /** Whose pipeline and groups these are. */
  readonly holders: InspectedHolders;
}

export interface InspectedRegionalBucket {
  readonly region: RegionCode;
  readonly bucket: string;
  /** AWS region that the bucket must lie in. */
  readonly expected: string;
  /** AWS region that it lies in; undefined: there is no such bucket. */
  readonly found: Result<string | undefined>;
}

export interface InspectedGroup {
  readonly arn: string;
  /** undefined: there is no such group, or it is not shared with this account. */
  readonly found: Result<string | undefined>;
}

/** Of the regions that are to be registered, side by side; a deployment that finds everything registered asks nothing. */
export async function inspectRegions(
  registrations: readonly Registration[],
  config: Config,
  aws: Aws,
): Promise<RegionalInspection> {
  const { base } = config;
  const configured = registrations.flatMap(({ region }) => {
    const bucket = region === 'NA' ? undefined : base.regional_buckets?.[region];
    return bucket === undefined ? [] : [{ region, bucket, expected: AWS_REGIONS[region] }];
  });
  const group = base.model_package_group_name;
  const [buckets, inspectedGroup, holders] = await Promise.all([
    Promise.all(
      configured.map(async (named) => ({ ...named, found: await resultOf(aws.objects.bucketRegion(named.bucket)) })),
    ),
    registrations.length > 0 && group.startsWith('arn:') ? inspectGroup(group, aws) : undefined,
    inspectHolders(registrations, config, aws),
  ]);
  return { buckets, group: inspectedGroup, holders };
}

async function inspectGroup(arn: string, aws: Aws): Promise<InspectedGroup> {
  const region = arn.split(':')[3] ?? '';
  return { arn, found: await resultOf(aws.registry(region).groupArn(arn)) };
}
