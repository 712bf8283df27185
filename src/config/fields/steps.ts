import {
  derived,
  ECR_IMAGE,
  ECR_IMAGES,
  FILE_INSIDE,
  FOLDER,
  INSTANCE_TYPE,
  MODULE_FILE,
  optional,
  PLAIN_TEXT,
  required,
  S3_KEY,
  withDefault,
} from '../field.ts';
import {
  choice,
  decimal,
  integer,
  list,
  text,
  textMap,
  textMapWith,
  textOrPerRegion,
  variables,
  yesOrNo,
} from '../values.ts';

const instanceType = text({ expected: 'an instance type like ml.m5.large', pattern: INSTANCE_TYPE });

const fileInside = (folder: string) => ({
  ...text({ expected: `the path of a file inside ${folder} (relative, without ..)`, pattern: FILE_INSIDE, max: 256 }),
  read: (value: unknown) => ({ value: typeof value === 'string' ? value.replace(/^(?:\.\/)+(?=.)/, '') : value }),
});

const moduleFile = {
  ...fileInside('source_dir'),
  ...text({
    expected:
      'name.py at the root of source_dir, which serving imports as a module (letters, digits, _ and -; no sub-folder, no second dot)',
    pattern: MODULE_FILE,
    max: 256,
  }),
};

/** Fields of the model step. */
export const MODEL_FIELDS = {
  inference_instance_type: withDefault(
    instanceType,
    'ml.m5.large',
    'Instance type that the model is meant for; decides the inference image (CPU, GPU or Graviton).',
  ),
  inference_entry_point: withDefault(
    moduleFile,
    'inference.py',
    'Script with the handler functions, at the root of `source_dir`; must exist there where that is local.',
  ),
  inference_image: optional(
    textOrPerRegion(
      text({
        expected: 'the URI of an ECR image with {region} in it (123456789012.dkr.ecr.{region}.amazonaws.com/name:tag)',
        pattern: ECR_IMAGES,
        max: 255,
      }),
      text({ expected: 'the URI of an ECR image in that region', pattern: ECR_IMAGE, max: 255 }),
    ),
    'An image of your own to serve and verify with: `{region}` becomes the AWS region. `framework_version` and `py_version` are then only written into the registry.',
    { from: 'the one that AWS publishes' },
  ),
  initial_instance_count: withDefault(integer({ min: 1 }), 1, 'Instances that an endpoint would start with.'),
  container_startup_health_check_timeout: withDefault(
    integer({ min: 60, unit: 'seconds' }),
    300,
    'How long the container may take to answer; not above `data_download_timeout`.',
  ),
  container_memory_limit: withDefault(integer({ min: 1024, unit: 'MB' }), 6144, 'Memory of the container.'),
  data_download_timeout: withDefault(
    integer({ min: 60, unit: 'seconds' }),
    900,
    'How long fetching the model may take.',
  ),
  inference_memory_limit: withDefault(
    integer({ min: 1024, unit: 'MB' }),
    6144,
    'Memory for inference; not above `container_memory_limit`.',
  ),
  max_concurrent_invocations: withDefault(integer({ min: 1 }), 10, 'Requests that are answered side by side.'),
  max_payload_size: withDefault(integer({ min: 1, max: 100, unit: 'MB' }), 6, 'Largest request and response.'),
};

export const DEFAULT_PACKAGER = 'mims_package.py';

/** Fields of the packaging step. */
export const PACKAGE_FIELDS = {
  processing_entry_point: withDefault(
    fileInside('the source folder'),
    DEFAULT_PACKAGER,
    'Packaging script of your own. The built-in packager runs unless this file exists in the effective source folder; a name other than the default must exist.',
  ),
  processing_source_dir: optional(
    text({ expected: 'a local folder or s3://bucket/prefix', pattern: FOLDER }),
    'Folder of a packaging script of your own: local or in S3.',
    { from: '{source_dir}', fallback: 'source_dir' },
  ),
  processing_instance_count: withDefault(integer({ min: 1, max: 10 }), 1, 'Instances of the packaging job.'),
  processing_volume_size: withDefault(integer({ min: 10, max: 1000, unit: 'GB' }), 500, 'Disk of the packaging job.'),
  max_runtime_minutes: withDefault(
    integer({ min: 1, max: 12960, unit: 'minutes' }),
    120,
    'How long the packaging job may run.',
  ),
  processing_instance_type_small: withDefault(instanceType, 'ml.m5.2xlarge', 'Instance type of the packaging job.'),
  processing_instance_type_large: withDefault(
    instanceType,
    'ml.m5.4xlarge',
    'Instance type of the packaging job with `use_large_processing_instance`.',
  ),
  use_large_processing_instance: withDefault(yesOrNo(), false, 'Package on the large instance type.'),
  processing_framework_version: withDefault(
    choice(['0.20.0-1', '0.23-1', '1.0-1', '1.2-1']),
    '0.23-1',
    'Version of the scikit-learn image; only a packaging script of your own runs in it.',
  ),
  processing_script_arguments: optional(
    list(text({ expected: 'text of at most 256 characters', max: 256 }), {
      expected: 'a list of at most 100 texts',
      max: 100,
    }),
    'Arguments of a packaging script of your own.',
  ),
  input_names: withDefault(
    textMapWith(['model_input', 'inference_scripts_input']),
    {
      model_input: 'Input name for model artifacts',
      inference_scripts_input: 'Input name for inference scripts',
    },
    'Inputs of the packaging step with a description each.',
  ),
  output_names: withDefault(
    textMapWith(['packaged_model_output']),
    { packaged_model_output: 'Output name for the packaged model' },
    'Outputs of the packaging step with a description each.',
  ),
  enable_caching_package_step: withDefault(yesOrNo(), true, 'Reuse the result of an identical packaging for 30 days.'),
  verify: withDefault(
    yesOrNo(),
    true,
    'Load the packaged model with its own handler and push every sample payload through it before it is registered.',
  ),
};

const plainText = text({ expected: 'text of 1 to 256 characters', pattern: PLAIN_TEXT, max: 256 });
const contentTypes = list(choice(['text/csv', 'application/json']), {
  expected: 'a list of text/csv and application/json (one of them or both)',
  min: 1,
  unique: true,
});

/** Fields of the registration. */
export const REGISTRATION_FIELDS = {
  model_owner: withDefault(
    plainText,
    'team id',
    'Team that owns the model. Set it: the default is only a placeholder.',
  ),
  model_registration_domain: withDefault(plainText, 'BuyerSellerMessaging', 'Domain of the model.'),
  model_registration_objective: required(plainText, 'Objective of the model, like RnR_Abuse_Detection.'),
  model_package_domain: withDefault(
    choice(['MACHINE_LEARNING', 'COMPUTER_VISION', 'NATURAL_LANGUAGE_PROCESSING']),
    'MACHINE_LEARNING',
    'Domain of the model package, as SageMaker divides them; load tests ask for it.',
  ),
  model_package_task: withDefault(
    choice([
      'OTHER',
      'CLASSIFICATION',
      'REGRESSION',
      'FILL_MASK',
      'IMAGE_CLASSIFICATION',
      'IMAGE_SEGMENTATION',
      'OBJECT_DETECTION',
      'TEXT_GENERATION',
    ]),
    'OTHER',
    'Task of the model package, as SageMaker divides them; load tests ask for it.',
  ),
  framework: withDefault(
    choice(['pytorch', 'xgboost', 'sklearn', 'tensorflow']),
    'pytorch',
    'Framework of the model; the model is deployed as PyTorch whatever is said here.',
  ),
  source_model_inference_content_types: withDefault(contentTypes, ['text/csv'], 'What the model takes.'),
  source_model_inference_response_types: withDefault(contentTypes, ['application/json'], 'What the model answers.'),
  source_model_inference_input_variable_list: withDefault(
    variables({ min: 0 }),
    [],
    'Inputs of the model in their order: an object from name to NUMERIC or TEXT, or a list of pairs.',
  ),
  source_model_inference_output_variable_list: withDefault(
    variables({ min: 1 }),
    [{ name: 'legacy-score', type: 'NUMERIC' }],
    'Outputs of the model in their order, at least one; same forms.',
  ),
  registration_entry_point: optional(
    fileInside('the source folder'),
    'Registration script of your own, for another inventory; it then runs in every region.',
    { from: 'the SageMaker Model Registry' },
  ),
};

const anyText = text({ expected: 'text' });

/** Fields of the sample payloads and of the load test that they are for. */
export const PAYLOAD_FIELDS = {
  expected_tps: withDefault(integer({ min: 1, unit: 'requests a second' }), 2, 'Expected load.'),
  max_latency_in_millisecond: withDefault(
    integer({ min: 100, max: 10_000, unit: 'milliseconds' }),
    800,
    'Longest acceptable answer.',
  ),
  load_test_users: optional(
    integer({ min: 1, max: 93, unit: 'users' }),
    'Concurrent users that a load test has reached after half of its duration. The service begins with 3 at most and adds 3 a minute.',
    { from: '`expected_tps` x `max_latency_in_millisecond`, as far as they can come' },
  ),
  load_test_duration_seconds: optional(
    integer({ min: 120, max: 3600, unit: 'seconds' }),
    'How long a load test sends requests.',
    { from: 'twice as long as its users take to come, 600 at least' },
  ),
  max_acceptable_error_rate: withDefault(decimal({ min: 0, max: 1 }), 0.2, 'Share of requests that may fail.'),
  sample_payload_s3_key: derived(
    text({ expected: 'an S3 key (no s3://, no leading slash, at most 1024 characters)', pattern: S3_KEY, max: 1024 }),
    'mods/payload/payload_{pipeline_name}_{pipeline_version}_{model_registration_objective}.tar.gz',
    'Key, in `bucket`, under which the newest sample payloads are kept.',
  ),
  default_numeric_value: withDefault(decimal(), 0, 'Value of NUMERIC inputs in sample payloads.'),
  default_text_value: withDefault(anyText, 'DEFAULT_TEXT', 'Value of TEXT inputs in sample payloads.'),
  special_field_values: optional(
    textMap('an object from TEXT inputs to templates'),
    'TEXT inputs with values of their own; `{timestamp}` is the one placeholder, `{{` and `}}` are braces.',
  ),
  payload_script_path: optional(anyText, 'Ignored: payloads are generated.', { retired: true }),
  payload_script_arguments: optional(
    list(anyText, { expected: 'a list of texts' }),
    'Ignored: payloads are generated.',
    {
      retired: true,
    },
  ),
};
