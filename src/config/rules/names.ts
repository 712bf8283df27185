import { AWS_REGIONS } from '../../core/regions.ts';
import { BASE_FIELDS } from '../fields/base.ts';
import { PAYLOAD_FIELDS } from '../fields/payload.ts';
import { excerpt } from '../problems.ts';
import type { Rule, RuleFinding } from './rule.ts';

/** Names that were made of other fields must be names, too; the field to mend is one that they are made of. */
export const derivedNames: Rule = ({ draft: { base, payload }, isGiven }) => {
  const derived = [
    { field: 'base.pipeline_name', value: base.pipeline_name, kind: BASE_FIELDS.pipeline_name.kind, at: 'base.author' },
    {
      field: 'base.pipeline_s3_loc',
      value: base.pipeline_s3_loc,
      kind: BASE_FIELDS.pipeline_s3_loc.kind,
      at: 'base.pipeline_name',
    },
    {
      field: 'payload.sample_payload_s3_key',
      value: payload.sample_payload_s3_key,
      kind: PAYLOAD_FIELDS.sample_payload_s3_key.kind,
      at: 'registration.model_registration_objective',
    },
  ];
  return derived.flatMap(({ field, value, kind, at }) => {
    if (value === undefined || isGiven(field) || kind.schema.safeParse(value).success) return [];
    const message = `${field} would be ${excerpt(JSON.stringify(value))}, made of ${at} and others; expected ${kind.expected}.`;
    return [{ severity: 'error', code: 'invalid', field, at, message }];
  });
};

/** What works, but says something that the reader should know. */
export const remarks: Rule = ({ draft: { base, registration }, isGiven }) => {
  const found: RuleFinding[] = [];
  const add = (code: RuleFinding['code'], field: string, message: string) =>
    found.push({ severity: 'warning', code, field, message: `${field} ${message}.` });
  if (!isGiven('base.author') && !isGiven('base.pipeline_name')) {
    add(
      'placeholder',
      'base.author',
      `is not given; the placeholder ${base.author} became part of the pipeline's name`,
    );
  }
  if (!isGiven('registration.model_owner')) {
    add(
      'placeholder',
      'registration.model_owner',
      'is not given; the placeholder "team id" will be registered as the owner',
    );
  }
  const { framework } = registration;
  if (framework !== undefined && framework !== 'pytorch') {
    add('ignored', 'registration.framework', `is ${framework}; the model is deployed as PyTorch all the same`);
  }
  const awsRegion = base.region && AWS_REGIONS[base.region];
  if (
    isGiven('base.aws_region') &&
    base.aws_region !== undefined &&
    awsRegion !== undefined &&
    base.aws_region !== awsRegion
  ) {
    add(
      'ignored',
      'base.aws_region',
      `is ${base.aws_region} and decides nothing: base.region is ${base.region}, which is ${awsRegion}`,
    );
  }
  return found;
};
