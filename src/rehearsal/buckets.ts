import { parseS3Uri } from '../aws/s3-uri.ts';
import { defaultBucket } from '../plan/region-buckets.ts';
import { AWS_REGIONS, PIPELINE_REGION } from '../regions.ts';
import type { StageRequest } from '../stage.ts';

/** Every bucket that the run will use, with its AWS region: an account would have them already. */
export function rehearsalBuckets(
  { config, inputs, request }: Pick<StageRequest, 'config' | 'inputs' | 'request'>,
  accountId: string,
): ReadonlyMap<string, string> {
  const { base, package: packaging } = config;
  const uris = [base.pipeline_s3_loc, base.source_dir, packaging.processing_source_dir ?? ''];
  const ofPipeline = [base.bucket, inputs.model.bucket, ...uris.flatMap((uri) => parseS3Uri(uri)?.bucket ?? [])];
  const ofRegions = request.regions
    .filter((region) => region !== 'NA')
    .map(
      (region) => [base.regional_buckets?.[region] ?? defaultBucket(region, accountId), AWS_REGIONS[region]] as const,
    );
  return new Map([...ofRegions, ...ofPipeline.map((bucket) => [bucket, PIPELINE_REGION] as const)]);
}
