import { AWS_REGIONS } from '../../core/regions.ts';
import { excerpt } from '../diagnostics.ts';
import { BASE_FIELDS } from '../fields/base.ts';
import { PAYLOAD_FIELDS } from '../fields/steps.ts';
import type { Rule, RuleDiagnostic } from '../types.ts';

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
  const found: RuleDiagnostic[] = [];
  const add = (code: RuleDiagnostic['code'], field: string, message: string) =>
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

/** Special values belong to TEXT inputs, and their templates can be filled. */
export const specialValues: Rule = ({ draft }) => {
  const inputs = draft.registration.source_model_inference_input_variable_list;
  const field = 'payload.special_field_values';
  return Object.entries(draft.payload.special_field_values ?? {}).flatMap(([name, template]) => {
    const problems = [
      ...(inputs === undefined ? [] : inputProblem(name, inputs)),
      ...templateProblem(template).map((problem) => `is ${excerpt(JSON.stringify(template))}; ${problem}`),
    ];
    const where = `${field}.${excerpt(name)}`;
    return problems.map((problem) => {
      return { severity: 'error', code: 'conflict', field, inside: [name], message: `${where} ${problem}.` } as const;
    });
  });
};

function inputProblem(
  name: string,
  inputs: readonly { readonly name: string; readonly type: string }[],
): readonly string[] {
  const input = inputs.find((candidate) => candidate.name === name);
  if (input?.type === 'TEXT') return [];
  const texts = inputs.filter(({ type }) => type === 'TEXT').map((candidate) => candidate.name);
  const expected =
    texts.length === 0 ? 'there is no TEXT input' : `expected a TEXT input: ${excerpt(texts.join(', '))}`;
  const list = 'registration.source_model_inference_input_variable_list';
  return [input === undefined ? `is no input of ${list}; ${expected}` : `is a NUMERIC input; ${expected}`];
}

/** Python's format rules with one placeholder: `{{` and `}}` are braces, `{timestamp}` is the time, nothing else. */
function templateProblem(template: string): readonly string[] {
  const left = template.replace(/\{\{|\}\}|\{timestamp\}/g, '');
  const placeholder = /\{[^{}]*\}?|\}/.exec(left)?.[0];
  if (placeholder === undefined) return [];
  return [`found ${excerpt(placeholder)}, expected {timestamp} as the only placeholder ({{ and }} stand for braces)`];
}

/** What the load test would find strange, but can be done. */
export const inputs: Rule = ({ draft }) => {
  const field = 'registration.source_model_inference_input_variable_list';
  if (draft.registration.source_model_inference_input_variable_list?.length !== 0) return [];
  const message = `${field} names no input: the sample payloads will be empty.`;
  return [{ severity: 'warning', code: 'placeholder', field, message }];
};
