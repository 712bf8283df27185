import { describe, expect, test } from '@jest/globals';
import { formatDiagnostic } from '../../src/config/index.ts';
import { problems, read, readText, resolved, sections, warnings, type Sections } from './support.ts';

const KEY = 'arn:aws:kms:eu-west-1:123456789012:alias/bsm';

describe('fields that contradict each other', () => {
  test.each<[string, Sections, string]>([
    [
      'health check and download timeout',
      { model: { container_startup_health_check_timeout: 901 } },
      'model.container_startup_health_check_timeout is 901; expected at most model.data_download_timeout, which is 900 (seconds).',
    ],
    [
      'memory of inference and container',
      { model: { container_memory_limit: 2048 } },
      'model.inference_memory_limit is 6144 by default; expected at most model.container_memory_limit, which is 2048 (MB).',
    ],
    [
      'subnets alone',
      { base: { subnets: ['subnet-1'] } },
      'base.subnets is given without base.security_group_ids; expected both or neither.',
    ],
    [
      'security groups alone',
      { base: { security_group_ids: ['sg-1'], subnets: [] } },
      'base.security_group_ids is given without base.subnets; expected both or neither.',
    ],
    [
      'a key of another region',
      { base: { kms_key: KEY } },
      'base.kms_key is a key of eu-west-1; expected a key of us-east-1.',
    ],
    [
      'a regional key of another region',
      { base: { regional_kms_keys: { EU: KEY, FE: KEY } } },
      'base.regional_kms_keys.FE is a key of eu-west-1; expected a key of us-west-2.',
    ],
    [
      'a special value of no input',
      { payload: { special_field_values: { dialog: 'x' } } },
      'payload.special_field_values.dialog is no input of registration.source_model_inference_input_variable_list; expected a TEXT input: dialogue.',
    ],
    [
      'a special value of a number',
      { payload: { special_field_values: { order_value: '5' } } },
      'payload.special_field_values.order_value is a NUMERIC input; expected a TEXT input: dialogue.',
    ],
    [
      'more users than come in the time',
      { payload: { load_test_users: 7, load_test_duration_seconds: 120 } },
      'payload.load_test_users is 7; expected at most 6, as many as come in half of payload.load_test_duration_seconds, which is 120 (3 at once, and 3 a minute).',
    ],
    [
      'an author that makes no pipeline name',
      { base: { author: 'B. S. M.' } },
      'base.pipeline_name would be "B. S. M.-BSM-RnR-NA", made of base.author and others; expected 1 to 256 letters, digits and single hyphens between them.',
    ],
  ])('%s', (_name, more, expected) => {
    expect(problems(read(sections(more)))).toEqual([expected]);
  });

  test('are pointed at where the file says them', () => {
    const text =
      '{"base": {"bucket": "abc", "author": "a b", "source_dir": "scripts"},\n "registration": {"model_registration_objective": "A"},\n "model": {\n  "container_memory_limit": 2048}}';
    const result = readText(text);
    expect((result.ok ? [] : result.problems.map(formatDiagnostic)).map((line) => line.split(' ')[0])).toEqual([
      'config.json:1:38',
      'config.json:4:29',
    ]);
  });
});

describe('templates of special values', () => {
  test.each([
    ['{timestamp} {timestamp}', undefined],
    ['{{literally}} {timestamp}', undefined],
    ['{{{timestamp}}}', undefined],
    ['', undefined],
    ['{when}', '{when}'],
    ['{}', '{}'],
    ['{0}', '{0}'],
    ['{timestamp!r}', '{timestamp!r}'],
    ['{timestamp', '{timestamp'],
    ['50 } 60', '}'],
    ['{{timestamp}', '}'],
  ])('%s', (template, wrong) => {
    const found = problems(read(sections({ payload: { special_field_values: { dialogue: template } } })));
    const message = `payload.special_field_values.dialogue is ${JSON.stringify(template)}; found ${wrong}, expected {timestamp} as the only placeholder ({{ and }} stand for braces).`;
    expect(found).toEqual(wrong === undefined ? [] : [message]);
  });
});

describe('folders and scripts', () => {
  test.each<[string, Sections, readonly string[]]>([
    ['the default packager may be missing', { package: { processing_source_dir: 'packaging' } }, []],
    ['another packager that exists', { package: { processing_entry_point: 'own/pack.py' } }, []],
    ['a leading ./ changes nothing', { package: { processing_entry_point: './own/pack.py' } }, []],
    [
      'another packager that does not exist',
      { package: { processing_entry_point: 'pack.py' } },
      ['package.processing_entry_point is "pack.py", which is not in "scripts"; expected a script that exists there.'],
    ],
    [
      'a packager that is a folder',
      { package: { processing_entry_point: 'own' } },
      ['package.processing_entry_point is "own", which is a folder in "scripts"; expected a script that exists there.'],
    ],
    [
      'a packager in S3 is looked for later',
      { package: { processing_entry_point: 'pack.py', processing_source_dir: 's3://bucket/scripts/' } },
      [],
    ],
    ['inference code in S3 is looked for later', { base: { source_dir: 's3://bucket/code' } }, []],
    [
      'a source folder that is a file',
      { base: { source_dir: 'notes.txt' } },
      ['base.source_dir is "notes.txt", which is a file; expected a folder (relative to working-directory).'],
    ],
    [
      'a registration script beside the packager',
      { package: { processing_source_dir: 'packaging' }, registration: { registration_entry_point: 'register.py' } },
      [],
    ],
    [
      'a registration script that does not exist',
      { registration: { registration_entry_point: 'register.py' } },
      [
        'registration.registration_entry_point is "register.py", which is not in "scripts"; expected a script that exists there.',
      ],
    ],
  ])('%s', (_name, more, expected) => {
    expect(problems(read(sections(more)))).toEqual(expected);
  });

  test('a step that names its own source_dir packages from there', () => {
    const config = resolved(sections({ package: { source_dir: 'packaging' } }));
    expect([config.base.source_dir, config.package.processing_source_dir]).toEqual(['scripts', 'packaging']);
  });
});

describe('images and instance types that AWS does not have', () => {
  test.each<[string, Sections, string]>([
    [
      'a version',
      { base: { framework_version: '2.7.0' } },
      'base.framework_version: AWS publishes no PyTorch 2.7.0 py310 x86 inference image; published: 1.12.0 py38,',
    ],
    [
      'a Python version',
      { base: { py_version: 'py311' } },
      'base.py_version: AWS publishes no PyTorch 2.1.0 py311 x86 inference image; 2.1.0 is published for py310 only: set py_version to py310.',
    ],
    [
      'an accelerator',
      { model: { inference_instance_type: 'ml.inf2.xlarge' } },
      'model.inference_instance_type: AWS publishes no PyTorch inference image for ml.inf2.xlarge',
    ],
    [
      'a size',
      { model: { inference_instance_type: 'ml.m5.8xlarge' } },
      'model.inference_instance_type is ml.m5.8xlarge; expected a size of m5 that exists: large, xlarge, 2xlarge, 4xlarge, 12xlarge, 24xlarge.',
    ],
    [
      'Graviton for a processing job',
      { package: { processing_instance_type_small: 'ml.m6g.large' } },
      'package.processing_instance_type_small is ml.m6g.large; expected a family that processing jobs can use: t3, m4,',
    ],
  ])('%s', (_name, more, expected) => {
    expect(problems(read(sections(more))).map((message) => message.slice(0, expected.length))).toEqual([expected]);
  });
});

test("a version that AWS does not have can be served by an image of one's own; a number is told to be text", () => {
  expect(problems(read(sections({ base: { framework_version: '2.7.0' } })))).toEqual([
    expect.stringMatching(/2\.6\.0 py312; or name an image of your own \(model\.inference_image\)\.$/),
  ]);
  expect(problems(read(sections({ base: { framework_version: 2.6 } })))).toEqual([
    'base.framework_version is 2.6; expected a PyTorch version like 2.1.0, in quotes.',
  ]);
});

describe('placeholders are told', () => {
  test('of owner and author', () => {
    const result = read({
      base: { bucket: 'bsm-models', source_dir: 'scripts' },
      registration: {
        model_registration_objective: 'Abuse',
        source_model_inference_input_variable_list: { a: 'TEXT' },
      },
    });
    expect([result.ok, warnings(result)]).toEqual([
      true,
      [
        "base.author is not given; the placeholder my-default-author became part of the pipeline's name.",
        'registration.model_owner is not given; the placeholder "team id" will be registered as the owner.',
      ],
    ]);
  });
});
