import { type Config, originalVariableList } from '../config/index.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { AWS_REGIONS, PIPELINE_REGION, type RegionCode } from '../core/regions.ts';
import type { S3Location } from '../core/s3-uri.ts';
import { documentEnvironment } from './parameters.ts';

/** What differs from region to region in the execution document. */
export interface DocumentRegion {
  readonly region: RegionCode;
  readonly image: string;
  readonly payload: S3Location;
  readonly instanceType: string;
}

/** The registration's full record: one STEP_CONFIG per region. */
export function executionDocument(config: Config, regions: readonly DocumentRegion[]): JsonObject {
  return {
    PIPELINE_STEP_CONFIGS: Object.fromEntries(
      regions.map((region) => [`Registration_${region.region}`, { STEP_CONFIG: stepConfig(config, region) }]),
    ),
  };
}

function stepConfig(config: Config, { region, image, payload, instanceType }: DocumentRegion): JsonObject {
  const { registration } = config;
  return {
    model_domain: registration.model_registration_domain,
    model_objective: registration.model_registration_objective,
    model_owner: registration.model_owner,
    model_registration_region: region,
    source_model_region: PIPELINE_REGION,
    source_model_inference_image_arn: image,
    source_model_inference_content_types: registration.source_model_inference_content_types,
    source_model_inference_response_types: registration.source_model_inference_response_types,
    source_model_inference_input_variable_list: originalVariableList(config, 'input'),
    source_model_inference_output_variable_list: originalVariableList(config, 'output'),
    source_model_environment_variable_map: documentEnvironment(config, AWS_REGIONS[region]),
    load_testing_info_map: {
      sample_payload_s3_bucket: payload.bucket,
      sample_payload_s3_key: payload.key,
      expected_tps: config.payload.expected_tps,
      max_latency_in_millisecond: config.payload.max_latency_in_millisecond,
      instance_type_list: [instanceType],
      max_acceptable_error_rate: config.payload.max_acceptable_error_rate,
    },
  };
}

/** The variable schema: what goes in, what comes out, in order. */
export function variableSchema(config: Config): JsonObject {
  const { registration } = config;
  return {
    input: {
      variables: registration.source_model_inference_input_variable_list.map(({ name, type }) => ({ name, type })),
    },
    output: {
      variables: registration.source_model_inference_output_variable_list.map(({ name, type }) => ({ name, type })),
    },
  };
}

/** A filled template, and the registration steps that it does not name. */
export interface FilledDocument {
  readonly document: JsonObject;
  readonly leftOut: readonly string[];
}

const STEPS = 'PIPELINE_STEP_CONFIGS';
const CONFIG = 'STEP_CONFIG';

/**
 * Our values in a team's own execution document: what the template says beyond them stays, steps of ours that it does
 * not name are left out. `template` has `PIPELINE_STEP_CONFIGS` (load-config sees to that).
 */
export function fillTemplate(template: JsonObject, document: JsonObject): FilledDocument {
  const ours = objectAt(document, STEPS);
  const theirs = objectAt(template, STEPS);
  const steps = Object.fromEntries(
    Object.entries(theirs).map(([name, step]) => {
      const own = ours[name];
      return [name, isObject(own) ? fillStep(isObject(step) ? step : {}, own) : step];
    }),
  );
  return {
    document: { ...template, [STEPS]: steps },
    leftOut: Object.keys(ours).filter((name) => !(name in theirs)),
  };
}

function fillStep(step: JsonObject, own: JsonObject): JsonObject {
  return { ...step, [CONFIG]: merge(objectAt(step, CONFIG), objectAt(own, CONFIG)) };
}

/** Ours win; objects are merged, so that unknown fields inside them stay too. */
function merge(theirs: JsonObject, ours: JsonObject): JsonObject {
  const merged = Object.entries(ours).map(([key, value]) => {
    const old = theirs[key];
    const isMap = key.endsWith('_map') && isObject(old) && isObject(value);
    return [key, isMap ? { ...old, ...value } : value] as const;
  });
  return { ...theirs, ...Object.fromEntries(merged) };
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const found = value[key];
  return isObject(found) ? found : {};
}
