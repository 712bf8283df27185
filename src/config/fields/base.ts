import { REGION_CODES, regionCode } from '../../core/regions.ts';
import { decidedByModel, derived, optional, required, withDefault, withNullableDefault } from '../field.ts';
import * as patterns from '../field.ts';
import { choice, list, perRegion, REGION, text } from '../values.ts';

const bucketName = text({
  expected: 'a bucket name (3 to 63 lower-case letters, digits, dots and hyphens)',
  pattern: patterns.BUCKET,
});
const kmsKey = text({ expected: 'the id, alias or ARN of a KMS key', pattern: patterns.KMS_KEY, max: 2048 });
const subnet = text({ expected: 'a subnet id like subnet-0123456789abcdef0', pattern: patterns.SUBNET });
const securityGroup = text({
  expected: 'a security group id like sg-0123456789abcdef0',
  pattern: patterns.SECURITY_GROUP,
});

/** Fields that every step knows. */
export const BASE_FIELDS = {
  bucket: required(bucketName, 'Bucket of models and artifacts, in us-east-1.'),
  author: withNullableDefault(
    text({ expected: 'a name', pattern: patterns.PLAIN_TEXT, max: 256 }),
    'my-default-author',
    'Who deploys; part of the default `pipeline_name`. Set it: the default is only a placeholder.',
  ),
  region: withNullableDefault(
    {
      ...choice(REGION_CODES, regionCode),
      json: { type: 'string', anyOf: [{ enum: REGION_CODES }, { pattern: REGION.source }] },
    },
    'NA',
    'Registration region where the input `regions` names none: NA is us-east-1, EU eu-west-1, FE us-west-2; AWS names are understood. The pipeline itself always runs in us-east-1.',
  ),
  aws_region: derived(
    text({ expected: 'an AWS region like us-east-1', pattern: patterns.AWS_REGION }),
    'the AWS name of `region`',
    'Written by the old builder; `region` decides.',
  ),
  pipeline_name: derived(
    text({
      expected: '1 to 256 letters, digits and single hyphens between them',
      pattern: patterns.PIPELINE_NAME,
      max: 256,
    }),
    '{author}-BSM-RnR-{region}',
    'Name of the SageMaker pipeline, and of the model package group: one for every model.',
  ),
  pipeline_description: derived(
    text({ expected: 'text of at most 3072 characters', max: 3072 }),
    'BSM RnR {region}',
    'Description of the pipeline.',
  ),
  pipeline_version: withDefault(
    text({
      expected: 'a version of letters, digits and ._+- (128 at most), in quotes',
      pattern: patterns.PIPELINE_VERSION,
    }),
    '0.1.0',
    'Version of the deployment; part of the default locations.',
  ),
  pipeline_s3_loc: derived(
    text({
      expected: 's3://bucket/prefix with a valid bucket and no empty path parts',
      pattern: patterns.S3_LOCATION,
      max: 700,
    }),
    's3://{bucket}/MODS/{pipeline_name}_{pipeline_version}',
    'Where all artifacts of the pipeline lie.',
  ),
  framework_version: decidedByModel(
    withDefault(
      text({ expected: 'a PyTorch version like 2.1.0, in quotes', pattern: patterns.FRAMEWORK_VERSION }),
      '2.1.0',
      'PyTorch version of the inference image.',
    ),
  ),
  py_version: decidedByModel(
    withDefault(
      text({ expected: 'a Python version like py310', pattern: patterns.PYTHON_VERSION }),
      'py310',
      'Python version of the inference image.',
    ),
  ),
  source_dir: decidedByModel(
    required(
      text({ expected: 'a local folder or s3://bucket/prefix', pattern: patterns.FOLDER }),
      'Folder of the inference code: local (from `working-directory`) or in S3.',
    ),
  ),
  current_date: derived(
    text({ expected: 'a date like 2026-11-23', pattern: patterns.DATE }),
    'today',
    'Written by the old builder; decides nothing.',
  ),
  role: optional(
    text({
      expected: 'the ARN of an IAM role (arn:aws:iam::123456789012:role/name)',
      pattern: patterns.ROLE_ARN,
      max: 2048,
    }),
    'IAM role that the pipeline and its jobs run with.',
    { from: 'the input `pipeline-role-arn`, which also overrides it' },
  ),
  kms_key: optional(kmsKey, 'KMS key, in us-east-1, for the volumes and outputs of jobs.'),
  subnets: optional(
    list(subnet, { expected: 'a list of 1 to 16 subnet ids', max: 16 }),
    'Subnets of the jobs; together with `security_group_ids`.',
  ),
  security_group_ids: optional(
    list(securityGroup, { expected: 'a list of 1 to 5 security group ids', max: 5 }),
    'Security groups of the jobs; together with `subnets`.',
  ),
  model_package_group_name: derived(
    text({
      expected: 'a name of 1 to 63 letters, digits and hyphens, or the ARN of a model package group',
      pattern: patterns.GROUP,
      max: 170,
    }),
    '`pipeline_name`; where longer than 63, cut and ended with a hash',
    'Model package group of the registry; the ARN of a group may be of another account, and must exist.',
  ),
  regional_buckets: withNullableDefault(
    perRegion(bucketName),
    {},
    'Bucket of the copied package per region; where none is named, `sagemaker-{aws region}-{account}`.',
  ),
  regional_kms_keys: withNullableDefault(
    perRegion(kmsKey),
    {},
    "KMS key of the copied package per region; where none is named, the bucket's own. A key serves its own region only.",
  ),
};
