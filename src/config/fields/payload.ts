import { list, textMap } from '../collections.ts';
import { derived, optional, withDefault } from '../field.ts';
import { decimal, integer, text } from '../kinds.ts';
import { S3_KEY } from '../patterns.ts';

const anyText = text({ expected: 'text' });

/** Fields of the sample payloads and of the load test that they are for. */
export const PAYLOAD_FIELDS = {
  expected_tps: withDefault(integer({ min: 1, unit: 'requests a second' }), 2, 'Expected load.'),
  max_latency_in_millisecond: withDefault(
    integer({ min: 100, max: 10_000, unit: 'milliseconds' }),
    800,
    'Longest acceptable answer.',
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
