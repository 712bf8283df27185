import { describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../src/config/index.ts';
import { problems, read, resolved, sections, warnings, type Sections } from './support.ts';

const longName = 'a'.repeat(70);

function withField(path: string, value: unknown): Sections {
  const [section = '', field = ''] = path.split('.');
  return sections({ [section]: { [field]: value } });
}

describe('a value that does not fit is named with what was expected', () => {
  test.each<[string, unknown, string]>([
    ['package.processing_volume_size', 5, 'is 5; expected 10 to 1000 (GB).'],
    ['package.processing_volume_size', 10.5, 'is 10.5; expected a whole number, 10 to 1000 (GB).'],
    ['package.processing_volume_size', 'ten', 'is "ten"; expected a whole number, 10 to 1000 (GB).'],
    ['package.processing_volume_size', true, 'is true; expected a whole number, 10 to 1000 (GB).'],
    ['package.max_runtime_minutes', 0, 'is 0; expected 1 to 12960 (minutes).'],
    ['package.verify', 'perhaps', 'is "perhaps"; expected true or false.'],
    ['package.processing_script_arguments', ['a', 1], '[1] is 1; expected text of at most 256 characters.'],
    [
      'package.processing_entry_point',
      '../x.py',
      'is "../x.py"; expected the path of a file inside the source folder (relative, without ..).',
    ],
    ...['own/../../x.py', 'handlers/inference.py', 'my.inference.py', '2nd.py', 'inference', 'infer ence.py'].map(
      (name): [string, unknown, string] => [
        'model.inference_entry_point',
        name,
        `is "${name}"; expected name.py at the root of source_dir, which serving imports as a module (letters, digits, _ and -; no sub-folder, no second dot).`,
      ],
    ),
    [
      'package.processing_entry_point',
      'own/../../x.py',
      'is "own/../../x.py"; expected the path of a file inside the source folder (relative, without ..).',
    ],
    ['model.initial_instance_count', 1e300, 'is 1e+300; expected a whole number from 1 up.'],
    ['payload.max_acceptable_error_rate', 1.01, 'is 1.01; expected 0 to 1.'],
    [
      'payload.sample_payload_s3_key',
      's3://b/x',
      'is "s3://b/x"; expected an S3 key (no s3://, no leading slash, at most 1024 characters).',
    ],
    [
      'base.bucket',
      'a\u202eb\n',
      'is "a\\u202eb\\n"; expected a bucket name (3 to 63 lower-case letters, digits, dots and hyphens).',
    ],
    ['base.region', 'APAC', 'is "APAC"; expected NA, EU or FE.'],
    ['base.pipeline_version', 1.3, 'is 1.3; expected a version of letters, digits and ._+- (128 at most), in quotes.'],
    ['base.role', 'admin', 'is "admin"; expected the ARN of an IAM role (arn:aws:iam::123456789012:role/name).'],
    ['base.current_date', 'today', 'is "today"; expected a date like 2026-11-23.'],
    [
      'base.regional_buckets',
      { MARS: 'bucket' },
      '.MARS is no valid key; expected one of NA, EU, FE, us-east-1, eu-west-1, us-west-2.',
    ],
    [
      'base.regional_buckets',
      { EU: 'x' },
      '.EU is "x"; expected a bucket name (3 to 63 lower-case letters, digits, dots and hyphens).',
    ],
    [
      'base.regional_buckets',
      { EU: 'abc', 'eu-west-1': 'abd' },
      'is { "EU": "abc", "eu-west-1": "abd" }; expected every region once.',
    ],
    [
      'registration.source_model_inference_content_types',
      ['text/csv', 'text/csv'],
      'is [ "text/csv", "text/csv" ]; expected a list of text/csv and application/json (one of them or both).',
    ],
    [
      'base.pipeline_name',
      'two--hyphens',
      'is "two--hyphens"; expected 1 to 256 letters, digits and single hyphens between them.',
    ],
    [
      'base.pipeline_s3_loc',
      's3://bucket/a/',
      'is "s3://bucket/a/"; expected s3://bucket/prefix with a valid bucket and no empty path parts.',
    ],
    [
      'base.subnets',
      Array.from({ length: 17 }, (_, i) => `subnet-${i}`),
      `is [ "subnet-0", "subnet-1", "subnet-2", "subnet-3", "subnet-4", "subnet-5", "subn…; expected a list of 1 to 16 subnet ids.`,
    ],
    [
      'registration.source_model_inference_input_variable_list',
      [
        ['a', 'TEXT'],
        ['a', 'TEXT'],
      ],
      'is [ [ "a", "TEXT" ], [ "a", "TEXT" ] ]; expected every variable once.',
    ],
    [
      'registration.source_model_inference_input_variable_list',
      [['a']],
      '[0] is [ "a" ]; expected a pair [name, NUMERIC or TEXT].',
    ],
    ['registration.source_model_inference_input_variable_list', [['', 'TEXT']], '[0][0] is ""; expected a name.'],
    [
      'registration.source_model_inference_input_variable_list',
      { a: 'DATE', b: 1 },
      '.a is "DATE"; expected NUMERIC or TEXT.',
    ],
  ])('%s = %j', (path, value, expected) => {
    const separator = /^[.[]/.test(expected) ? '' : ' ';
    expect(problems(read(withField(path, value)))[0]).toBe(`${path}${separator}${expected}`);
  });
});

describe('names follow the rules of AWS', () => {
  test.each([
    ['bucket', 'abc', true],
    ['bucket', 'a.b-c1', true],
    ['bucket', 'ab', false],
    ['bucket', 'a'.repeat(64), false],
    ['bucket', 'A-bucket', false],
    ['bucket', 'a..b', false],
    ['bucket', '-abc', false],
    ['bucket', 'abc.', false],
    ['bucket', '192.168.5.4', false],
    ['bucket', '192.168.5.4.example', true],
    ['bucket', 'xn--abc', false],
    ['bucket', 'abc-s3alias', false],
    ['pipeline_name', 'a', true],
    ['pipeline_name', 'a-', false],
    ['pipeline_name', 'a'.repeat(256), true],
    ['pipeline_name', 'a'.repeat(257), false],
    ['pipeline_s3_loc', 's3://bucket', true],
    ['pipeline_s3_loc', 's3://192.168.5.4/x', false],
    ['pipeline_s3_loc', 's3://bucket/a/../b', false],
    ['role', 'arn:aws:iam::123456789012:role/path/to/a-role', true],
    ['role', 'arn:aws:iam::123456789012:user/someone', false],
    ['kms_key', '1234abcd-12ab-34cd-56ef-1234567890ab', true],
    ['kms_key', 'alias/bsm', true],
    ['kms_key', 'arn:aws:kms:us-east-1:123456789012:alias/bsm', true],
    ['kms_key', 'arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab', true],
    ['kms_key', 'bsm', false],
    ['model_package_group_name', 'bsm-models', true],
    ['model_package_group_name', 'a'.repeat(64), false],
    ['model_package_group_name', 'arn:aws:sagemaker:us-east-1:999999999999:model-package-group/bsm', true],
    ['model_package_group_name', 'arn:aws:sagemaker:us-east-1:999999999999:model-package/bsm/1', false],
  ])('%s %s: %s', (field, value, isValid) => {
    expect(read(sections({ base: { [field]: value } })).ok).toBe(isValid);
  });
});

describe('what the file leaves out', () => {
  test('gets its default', () => {
    const { origin: _, ...values } = resolved({
      base: { bucket: 'bsm-models', author: 'bsm', source_dir: 'scripts', region: 'eu-west-1' },
      registration: { model_registration_objective: 'Abuse' },
    });
    expect(values).toMatchSnapshot();
  });

  test('is an error where it is required, all at once, at the object that lacks it', () => {
    const result = read({ base: { author: 'bsm' }, registration: {} });
    expect(result.ok ? [] : result.problems.map(formatDiagnostic)).toEqual([
      'config.json:2:11 base.bucket is missing; expected a bucket name (3 to 63 lower-case letters, digits, dots and hyphens).',
      'config.json:2:11 base.source_dir is missing; expected a local folder or s3://bucket/prefix.',
      'config.json:5:19 registration.model_registration_objective is missing; expected text of 1 to 256 characters.',
    ]);
  });

  test('a long pipeline name gives a group name that fits and is its own', () => {
    const group = (name: string) => resolved(sections({ base: { pipeline_name: name } })).base.model_package_group_name;
    expect([
      group(longName).length,
      group(longName).startsWith('aaaa'),
      group(`${longName}b`) === group(longName),
    ]).toEqual([63, true, false]);
  });

  test.each(['', null])('%j says the same as nothing where the default is made of other fields', (value) => {
    const { base, payload } = resolved(
      sections({ base: { pipeline_name: value, role: value }, payload: { sample_payload_s3_key: value } }),
    );
    expect([base.pipeline_name, base.role, payload.sample_payload_s3_key]).toEqual([
      'bsm-BSM-RnR-NA',
      null,
      'mods/payload/payload_bsm-BSM-RnR-NA_0.1.0_Abuse.tar.gz',
    ]);
  });
});

describe('what is accepted with a warning', () => {
  test.each<[string, unknown, string]>([
    [
      'package.processing_volume_size',
      '20',
      'is a number in quotes; write 20. The value is accepted because the old loader did.',
    ],
    [
      'payload.default_numeric_value',
      '1.5',
      'is a number in quotes; write 1.5. The value is accepted because the old loader did.',
    ],
    ['package.verify', 'False', 'is no JSON boolean; write false. The value is accepted because the old loader did.'],
    ['registration.framework', 'XGBoost', 'is xgboost; the model is deployed as PyTorch all the same.'],
    [
      'registration.source_model_inference_input_variable_list',
      {},
      'names no input: the sample payloads will be empty.',
    ],
    ['base.aws_region', 'eu-west-1', 'is eu-west-1 and decides nothing: base.region is NA, which is us-east-1.'],
    [
      'model.inference_instance_type',
      'ml.m9z.large',
      'is ml.m9z.large, of a family that was not known in November 2026; it is taken as it is.',
    ],
  ])('%s = %j', (path, value, expected) => {
    const result = read(withField(path, value));
    expect([result.ok, warnings(result)]).toEqual([true, [`${path} ${expected}`]]);
  });
});

test('regions are understood by code and AWS name, in any capitals', () => {
  const regions = ['na', 'EU', 'us-west-2'].map((region) => resolved(sections({ base: { region } })).base.region);
  const buckets = resolved(sections({ base: { regional_buckets: { eu: 'abc', 'us-west-2': 'abd' } } })).base
    .regional_buckets;
  expect([regions, buckets]).toEqual([['NA', 'EU', 'FE'], { EU: 'abc', FE: 'abd' }]);
});
