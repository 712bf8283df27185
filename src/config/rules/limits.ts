import { AWS_REGIONS, regionCode } from '../../core/regions.ts';
import type { Rule, RuleFinding, RuleInput } from './rule.ts';

/** Limits that two fields set each other. */
export const limits: Rule = (input) => {
  const { model } = input.draft;
  return [
    ...notAbove(input, {
      low: ['model.container_startup_health_check_timeout', model.container_startup_health_check_timeout],
      high: ['model.data_download_timeout', model.data_download_timeout],
      unit: 'seconds',
    }),
    ...notAbove(input, {
      low: ['model.inference_memory_limit', model.inference_memory_limit],
      high: ['model.container_memory_limit', model.container_memory_limit],
      unit: 'MB',
    }),
  ];
};

interface Order {
  readonly low: readonly [field: string, value: number | undefined];
  readonly high: readonly [field: string, value: number | undefined];
  readonly unit: string;
}

function notAbove({ isGiven }: RuleInput, { low, high, unit }: Order): readonly RuleFinding[] {
  const [[field, value], [limitField, limit]] = [low, high];
  if (value === undefined || limit === undefined || value <= limit) return [];
  const found = isGiven(field) ? `is ${value}` : `is ${value} by default`;
  const message = `${field} ${found}; expected at most ${limitField}, which is ${limit} (${unit}).`;
  return [{ severity: 'error', code: 'conflict', field, at: isGiven(field) ? field : limitField, message }];
}

/** Subnets and security groups only make sense together. */
export const network: Rule = ({ draft: { base } }) => {
  const { subnets, security_group_ids: groups } = base;
  if (subnets === undefined || groups === undefined || (subnets === null) === (groups === null)) return [];
  const fields = ['base.subnets', 'base.security_group_ids'] as const;
  const [field, lacking] = subnets === null ? [fields[1], fields[0]] : fields;
  const message = `${field} is given without ${lacking}; expected both or neither.`;
  return [{ severity: 'error', code: 'conflict', field, message }];
};

/** A key of one region cannot encrypt in another; only an ARN tells which region a key is of. */
export const keys: Rule = ({ draft: { base } }) => {
  const pipelineKey = { field: 'base.kms_key', inside: [], region: AWS_REGIONS.NA, key: base.kms_key };
  const regionalKeys = Object.entries(base.regional_kms_keys ?? {}).map(([code, key]) => ({
    field: 'base.regional_kms_keys',
    inside: [code],
    region: AWS_REGIONS[regionCode(code) ?? 'NA'],
    key,
  }));
  return [pipelineKey, ...regionalKeys].flatMap(({ field, inside, region, key }) => {
    const found = /^arn:aws[a-z-]*:kms:([^:]+):/.exec(key ?? '')?.[1];
    if (found === undefined || found === region) return [];
    const message = `${[field, ...inside].join('.')} is a key of ${found}; expected a key of ${region}.`;
    return [{ severity: 'error', code: 'conflict', field, inside, message }];
  });
};
