import { list, textMapWith } from '../collections.ts';
import { optional, withDefault } from '../field.ts';
import { choice, integer, text, yesOrNo } from '../kinds.ts';
import { FOLDER } from '../patterns.ts';
import { fileInside, instanceType } from './model.ts';

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
    { from: '{source_dir}', standIn: 'source_dir' },
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
