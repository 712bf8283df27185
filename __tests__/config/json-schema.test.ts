import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { dataFile, recordedCases, sections, type Sections } from './support.ts';

const published = readFileSync(join(import.meta.dirname, '../../../schema/config.schema.json'), 'utf8');
const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(
  JSON.parse(published) as object,
);
const cases = recordedCases();

/** What a schema cannot know: it takes more than one field, or the disk, or AWS's tables. */
const BEYOND_SCHEMA = [
  'source_dir="missing"',
  'inference_entry_point="serve.py"',
  'source_model_inference_input_variable_list={}',
  'source_model_inference_input_variable_list=[["a", "NUMERIC"], ["b", "text"]]',
  'package processing_entry_point="missing.py"',
  'model container_startup_health_check_timeout=901',
  'model container_memory_limit=1024',
  'model inference_memory_limit=6145',
  'payload special_field_values={"nope": "x"}',
  'payload special_field_values={"dialogue": "{when}"}',
];

describe('the published JSON Schema', () => {
  test('is the one that the code generates', () => {
    expect(published).toBe(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  });

  test.each(cases.filter(({ expected }) => expected === 'accept'))(
    'accepts what the validator accepts: $name',
    ({ config }) => {
      expect([validate(config), validate.errors]).toEqual([true, null]);
    },
  );

  test('rejects what the validator rejects, as far as one field tells', () => {
    const missed = cases
      .filter(({ expected, config }) => expected === 'reject' && validate(config))
      .map(({ name }) => name);
    expect(missed).toEqual(BEYOND_SCHEMA);
  });

  test.each<[string, unknown, boolean]>([
    ['the sections layout', sections(), true],
    ['with its address', { $schema: './config.schema.json', ...sections() }, true],
    ['the merged layout', JSON.parse(dataFile('example-merged.json')), true],
    ['region names', sections({ base: { region: 'us-west-2', regional_buckets: { eu: 'abc' } } }), true],
    ['null for a derived field', sections({ base: { pipeline_name: null } }), true],
    ['an unknown field, which is a warning', sections({ model: { surprise: 1 } }), true],
    ['a required field that stands in its own section', move(sections()), true],
    ['no base', { model: {} }, false],
    ['no bucket', sections({ base: { bucket: undefined } }), false],
    ['a value out of range', sections({ package: { processing_volume_size: 5 } }), false],
    [
      'a pair too long',
      sections({ registration: { source_model_inference_input_variable_list: [['a', 'TEXT', 1]] } }),
      false,
    ],
  ])('%s: %#', (_name, value, isValid) => {
    expect(validate(JSON.parse(JSON.stringify(value)))).toBe(isValid);
  });

  test('describes every field with its default', () => {
    const { definitions } = JSON.parse(published) as { definitions: Record<string, unknown> };
    expect(definitions['processing_volume_size']).toEqual({
      title: 'package.processing_volume_size',
      description: 'Disk of the packaging job. Expected: 10 to 1000 (GB). Default: 500.',
      default: 500,
      type: 'integer',
      minimum: 10,
      maximum: 1000,
    });
  });
});

function move({ base, registration, ...others }: Sections): Sections {
  const { model_registration_objective, ...rest } = registration ?? {};
  return { ...others, base: { ...base, model_registration_objective }, registration: rest };
}
