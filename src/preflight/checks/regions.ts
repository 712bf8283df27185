import { SECURITY_GROUP, SUBNET } from '../../config/field.ts';
import { valueOf } from '../../core/errors.ts';
import { AWS_REGIONS, PIPELINE_REGION, type RegionCode } from '../../core/regions.ts';
import type { InspectedGroup, InspectedRegionalBucket, RegionalInspection } from '../../inspect/buckets.ts';
import type { InspectedHolder, InspectedHolders, NameDifference } from '../../inspect/models.ts';
import { type Check, type CheckFunction, COSTS, notMade } from '../check.ts';

const REGION_OF_ARN = /^arn:[^:]+:[^:]+:([^:]+):/;

/** A group that is given by its ARN lies in one region: no other can register into it. */
export const groups: CheckFunction = ({ config, request }) => {
  const name = 'groups';
  const group = config.base.model_package_group_name;
  const region = REGION_OF_ARN.exec(group)?.[1];
  if (region === undefined) {
    return { name, result: 'passed', found: `${group} in ${request.regions.join(', ')}; made where it is missing` };
  }
  const others = request.regions.filter((code) => AWS_REGIONS[code] !== region);
  if (others.length === 0) return { name, result: 'passed', found: group };
  return {
    name,
    result: 'failed',
    found: `The model package group ${group} (base.model_package_group_name) is in ${region}; ${named(others)} cannot register into it.`,
    cost: COSTS.registration,
    fix: 'Give the name of a group instead of an ARN, or register in its region alone.',
  };
};

/** Subnets are of the pipeline's region; what that means for the jobs that register elsewhere. */
export const network: CheckFunction = ({ config: { base }, request, plan }) => {
  const name = 'network';
  if (base.subnets === null) return { name, result: 'passed', found: 'No VPC is configured' };
  const parameters = valueOf(plan)?.parameters ?? {};
  const subnet = parameters['VPCEndpointSubnet'] ?? base.subnets[0] ?? '';
  const group = parameters['SecurityGroupId'] ?? base.security_group_ids?.[0] ?? '';
  const wrong = [
    ...(SUBNET.test(subnet)
      ? []
      : [`VPCEndpointSubnet is ${JSON.stringify(subnet)}; expected an id like subnet-0a1b2c3d.`]),
    ...(SECURITY_GROUP.test(group)
      ? []
      : [`SecurityGroupId is ${JSON.stringify(group)}; expected an id like sg-0a1b2c3d.`]),
  ];
  if (wrong.length > 0) {
    return {
      name,
      result: 'failed',
      found: wrong.join(' '),
      cost: COSTS.packaging,
      fix: 'Correct the input parameters.',
    };
  }
  const others = request.regions.filter((code) => code !== 'NA');
  const found = `The packaging job runs in ${subnet} and ${group}, which must be of ${PIPELINE_REGION}`;
  if (others.length === 0) return { name, result: 'passed', found };
  const outside = `registration in ${others.join(', ')} runs outside of the VPC, whose endpoints serve their own region only`;
  return { name, result: 'passed', found: `${found}; ${outside}` };
};

/** A key encrypts in its own region only; what the input `parameters` gives was checked by no rule of the configuration. */
export const encryption: CheckFunction = ({ config: { base }, request, plan }) => {
  const name = 'encryption';
  const key = plan.ok ? plan.value.kmsKey : base.kms_key;
  const region = REGION_OF_ARN.exec(key ?? '')?.[1];
  if (region !== undefined && region !== PIPELINE_REGION) {
    return wrongKey(
      `${key} (input parameters, KMSEncryptionKey) is a key of ${region}; expected one of ${PIPELINE_REGION}.`,
    );
  }
  const regional = base.regional_kms_keys ?? {};
  const wanted = request.regions.filter((code) => code !== 'NA');
  const without = key === null || key === undefined ? [] : wanted.filter((code) => !keyOf(regional, code));
  const found = key === null || key === undefined ? "The buckets' own encryption" : `${key} in ${PIPELINE_REGION}`;
  if (without.length === 0) return { name, result: 'passed', found };
  return {
    name,
    result: 'suggestion',
    found: `${found}; it cannot encrypt in ${named(without)}, where the bucket's own default applies.`,
    fix: `Where packages must be encrypted with a key of yours there too, set base.regional_kms_keys for ${without.join(', ')}.`,
  };
};

function keyOf(keys: Readonly<Partial<Record<RegionCode, unknown>>>, code: RegionCode): boolean {
  return typeof keys[code] === 'string';
}

function wrongKey(found: string): Check {
  const fix = 'Give a key of that region; keys of other regions belong into base.regional_kms_keys.';
  return { name: 'encryption', result: 'failed', found, cost: COSTS.packaging, fix };
}

function named(codes: readonly RegionCode[]): string {
  return codes.map((code) => `${code} (${AWS_REGIONS[code]})`).join(', ');
}

/** Checks of what only some regions need, and of whose pipeline and groups these are. Pure. */
export function regionalChecks({ buckets, group, holders }: RegionalInspection): readonly Check[] {
  return [...buckets.map(bucketCheck), ...(group === undefined ? [] : [groupCheck(group)]), ...holderChecks(holders)];
}

/** One region that cannot work does not keep the others from being registered: a warning, with what it will cost. */
function bucketCheck({ region, bucket, expected, found: result }: InspectedRegionalBucket): Check {
  const name = 'regional-buckets';
  if (!result.ok) return notMade(name, result.error);
  if (result.value === expected) return { name, result: 'passed', found: `${bucket} in ${expected}` };
  const what = `The bucket ${bucket} (base.regional_buckets, ${region})`;
  const found =
    result.value === undefined ? `${what} does not exist.` : `${what} is in ${result.value}; expected ${expected}.`;
  const fix = `Create it in ${expected}, or correct its name: Registration_${region} will fail without.`;
  return { name, result: 'warning', found, cost: COSTS.registration, fix };
}

function groupCheck({ arn, found: result }: InspectedGroup): Check {
  const name = 'groups';
  if (!result.ok) return notMade(name, result.error);
  if (result.value !== undefined) return { name, result: 'passed', found: `${arn} is there` };
  return {
    name,
    result: 'failed',
    found: `The model package group ${arn} does not exist, or is not shared with this account.`,
    cost: COSTS.registration,
    fix: 'A group given by its ARN must exist; create it there and share it, or give a name.',
    code: 'plan-invalid',
  };
}

const TWO_MODELS =
  'versions of two models stand in one group, and whoever takes or approves the newest gets the wrong one';
const OWN_NAME =
  'Give every model a pipeline of its own: set base.pipeline_name, which names the model package group, too. Where it is the same model under a new name, go on.';
const FIX_OTHER =
  'Give every model a pipeline of its own: set base.pipeline_name, which names the model package group, too. Where it is the same model, change its name and its variables in two deployments.';

/** Two models do not share a pipeline or a group unawares. What several of them say alike is said once. */
function holderChecks(holders: InspectedHolders): readonly Check[] {
  const denied = holders.flatMap((holder) => (holder.ok ? [] : [notMade('groups', holder.error)]));
  const others = holders.flatMap((holder) =>
    holder.ok && holder.value !== undefined && holder.value.differing.length > 0 ? [holder.value] : [],
  );
  const names = [...new Set(others.map(nameOf))];
  const checks = names.flatMap((key) => otherModel(others.filter((holder) => nameOf(holder) === key)));
  // One reason is enough: what denies one denies all.
  return [...checks, ...denied.slice(0, 1)];
}

function nameOf({ differing }: InspectedHolder): string {
  return JSON.stringify(differing);
}

function otherModel(alike: readonly InspectedHolder[]): readonly Check[] {
  const [first] = alike;
  if (first === undefined) return [];
  const what = alike.map((holder) => holder.what).join(' and ');
  const isOther = alike.some(({ hasOtherVariables }) => hasOtherVariables === true);
  const variables = isOther ? ', and its variables are others, too' : '';
  const found = `${what} ${alike.length === 1 ? 'is' : 'are'} of another model: ${first.differing.map(differenceText).join(', ')}${variables}.`;
  if (!isOther) return [{ name: 'groups', result: 'warning', found, cost: TWO_MODELS, fix: OWN_NAME }];
  return [{ name: 'groups', result: 'failed', found, cost: TWO_MODELS, fix: FIX_OTHER, code: 'plan-invalid' }];
}

function differenceText({ name: what, there, here }: NameDifference): string {
  return `its ${what} is ${there}, this one's is ${here}`;
}
