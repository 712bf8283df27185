import { AWS_REGIONS, type RegionCode } from '../core/regions.ts';
import type { Resolved } from './resolved.ts';

/** The bucket that a region's package is registered from: it must lie in that region. */
export function regionBucket({ config, facts }: Resolved, region: RegionCode): string {
  if (region === 'NA') return config.base.bucket;
  return config.base.regional_buckets?.[region] ?? defaultBucket(region, facts.accountId);
}

/** SageMaker's own default bucket of a region; ours to create when it is missing. */
export function defaultBucket(region: RegionCode, accountId: string): string {
  return `sagemaker-${AWS_REGIONS[region]}-${accountId}`;
}
