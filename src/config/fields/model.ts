import { withDefault } from '../field.ts';
import { integer, text } from '../kinds.ts';
import { FILE_INSIDE, INSTANCE_TYPE } from '../patterns.ts';

export const instanceType = text({ expected: 'an instance type like ml.m5.large', pattern: INSTANCE_TYPE });

export const fileInside = (folder: string) => ({
  ...text({ expected: `the path of a file inside ${folder} (relative, without ..)`, pattern: FILE_INSIDE, max: 256 }),
  read: (value: unknown) => ({ value: typeof value === 'string' ? value.replace(/^(?:\.\/)+(?=.)/, '') : value }),
});

/** Fields of the model step. */
export const MODEL_FIELDS = {
  inference_instance_type: withDefault(
    instanceType,
    'ml.m5.large',
    'Instance type that the model is meant for; decides the inference image (CPU, GPU or Graviton).',
  ),
  inference_entry_point: withDefault(
    fileInside('source_dir'),
    'inference.py',
    'Script with the handler functions; must exist in a local `source_dir`.',
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
