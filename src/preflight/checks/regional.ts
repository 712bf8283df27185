import type { Aws } from '../aws/types.ts';
import type { Config } from '../config/index.ts';
import type { Registration } from '../plan/types.ts';
import { AWS_REGIONS } from '../regions.ts';
import { sighting } from '../sighting.ts';
import type { Check } from './check.ts';
import { COSTS, notMade } from './view.ts';

/**
 * Looks at what only some regions need: buckets that are configured for them, and a group that is given by its ARN. Of
 * regions that are to be registered, side by side; a deployment that finds everything registered asks nothing.
 */
export async function lookAtRegions(
  registrations: readonly Registration[],
  { base }: Config,
  aws: Aws,
): Promise<readonly Check[]> {
  const buckets = registrations.flatMap(({ region }) => {
    const bucket = region === 'NA' ? undefined : base.regional_buckets?.[region];
    return bucket === undefined ? [] : [{ region, bucket, expected: AWS_REGIONS[region] }];
  });
  const group = registrations.length > 0 && base.model_package_group_name.startsWith('arn:');
  return Promise.all([
    ...buckets.map((named) => bucketCheck(named, aws)),
    ...(group ? [groupCheck(base.model_package_group_name, aws)] : []),
  ]);
}

interface NamedBucket {
  readonly region: string;
  readonly bucket: string;
  readonly expected: string;
}

/** One region that cannot work does not keep the others from being registered: a warning, with what it will cost. */
async function bucketCheck({ region, bucket, expected }: NamedBucket, aws: Aws): Promise<Check> {
  const name = 'regional-buckets';
  const look = await sighting(aws.objects.bucketRegion(bucket));
  if (look.kind === 'unseen') return notMade(name, look.error);
  if (look.value === expected) return { name, result: 'passed', found: `${bucket} in ${expected}` };
  const what = `The bucket ${bucket} (base.regional_buckets, ${region})`;
  const found =
    look.value === undefined ? `${what} does not exist.` : `${what} is in ${look.value}; expected ${expected}.`;
  const fix = `Create it in ${expected}, or correct its name: Registration_${region} will fail without.`;
  return { name, result: 'warning', found, cost: COSTS.registration, fix };
}

async function groupCheck(arn: string, aws: Aws): Promise<Check> {
  const name = 'groups';
  const region = arn.split(':')[3] ?? '';
  const look = await sighting(aws.registry(region).groupArn(arn));
  if (look.kind === 'unseen') return notMade(name, look.error);
  if (look.value !== undefined) return { name, result: 'passed', found: `${arn} is there` };
  return {
    name,
    result: 'failed',
    found: `The model package group ${arn} does not exist, or is not shared with this account.`,
    cost: COSTS.registration,
    fix: 'A group given by its ARN must exist; create it there and share it, or give a name.',
    code: 'plan-invalid',
  };
}
