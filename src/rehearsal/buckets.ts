import { AWS_REGIONS, PIPELINE_REGION } from '../core/regions.ts';
import { pipelineBuckets } from '../inspect/pipeline-buckets.ts';
import { defaultBucket } from '../plan/region-buckets.ts';
import type { StageRequest } from './stage.ts';

/** Every bucket that the run will use, with its AWS region: an account would have them already. */
export function rehearsalBuckets(
  { config, inputs, request }: Pick<StageRequest, 'config' | 'inputs' | 'request'>,
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
