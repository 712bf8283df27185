import type { GroupSight, RegionalBucketSight, RegionalSightings } from '../../inspect/regional.ts';
import type { Check } from '../check.ts';
import { COSTS, notMade } from '../view.ts';

/** One check for each bucket that a region is configured with, and one for a group that is given by its ARN. Pure. */
export function regionalChecks({ buckets, group }: RegionalSightings): readonly Check[] {
  return [...buckets.map(bucketCheck), ...(group === undefined ? [] : [groupCheck(group)])];
}

/** One region that cannot work does not keep the others from being registered: a warning, with what it will cost. */
function bucketCheck({ region, bucket, expected, found: look }: RegionalBucketSight): Check {
  const name = 'regional-buckets';
  if (look.kind === 'unseen') return notMade(name, look.error);
  if (look.value === expected) return { name, result: 'passed', found: `${bucket} in ${expected}` };
  const what = `The bucket ${bucket} (base.regional_buckets, ${region})`;
  const found =
    look.value === undefined ? `${what} does not exist.` : `${what} is in ${look.value}; expected ${expected}.`;
  const fix = `Create it in ${expected}, or correct its name: Registration_${region} will fail without.`;
  return { name, result: 'warning', found, cost: COSTS.registration, fix };
}

function groupCheck({ arn, found: look }: GroupSight): Check {
  const name = 'groups';
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
