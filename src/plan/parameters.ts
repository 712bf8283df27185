import type { Config } from '../config/index.ts';

/** Pipeline parameters, by name. All are of type String, so that one definition serves every model. */

/** Where a deployment comes from: another one for every run. */
export const PROVENANCE_PARAMETERS: readonly string[] = ['GitCommit', 'GitRef', 'RunUrl'];

/** Set by the action at every start. */
export const RESERVED_PARAMETERS: readonly string[] = [
  'ModelS3Path',
  'ModelArchiveName',
  'ModelIdentity',
  'PackageFingerprint',
  'ApprovalStatus',
  ...PROVENANCE_PARAMETERS,
];

/** May be overridden by the input `parameters`. */
export const OPEN_PARAMETERS: readonly string[] = [
  'PipelineExecutionTempDir',
  'InferenceInstanceType',
  'KMSEncryptionKey',
  'VPCEndpointSubnet',
  'SecurityGroupId',
];

/** Scratch of the packager inside the container. */
export const DEFAULT_TEMP_DIR = '/opt/ml/processing/tmp';

/** A reference to a parameter in the pipeline definition. */
export function parameter(name: string): { readonly Get: string } {
  return { Get: `Parameters.${name}` };
}

/** Where the serving container finds the inference code inside the model archive. */
const SUBMIT_DIRECTORY = '/opt/ml/model/code';
const CONTAINER_LOG_LEVEL = '20';
const BYTES_PER_MB = 1024 * 1024;

/** The serving container's environment, for the model (us-east-1) and for a package in its own region. At most 16 entries. */
export function modelEnvironment(config: Config, awsRegion: string): Readonly<Record<string, string>> {
  const { model } = config;
  const timeoutSeconds = String(model.container_startup_health_check_timeout);
  const payloadBytes = String(model.max_payload_size * BYTES_PER_MB);
  return {
    MMS_DEFAULT_RESPONSE_TIMEOUT: timeoutSeconds,
    SAGEMAKER_TS_RESPONSE_TIMEOUT: timeoutSeconds,
    TS_MAX_REQUEST_SIZE: payloadBytes,
    TS_MAX_RESPONSE_SIZE: payloadBytes,
    SAGEMAKER_CONTAINER_LOG_LEVEL: CONTAINER_LOG_LEVEL,
    SAGEMAKER_PROGRAM: model.inference_entry_point,
    SAGEMAKER_SUBMIT_DIRECTORY: SUBMIT_DIRECTORY,
    SAGEMAKER_CONTAINER_MEMORY_LIMIT: String(model.container_memory_limit),
    SAGEMAKER_MODEL_DATA_DOWNLOAD_TIMEOUT: String(model.data_download_timeout),
    SAGEMAKER_INFERENCE_MEMORY_LIMIT: String(model.inference_memory_limit),
    SAGEMAKER_MAX_CONCURRENT_INVOCATIONS: String(model.max_concurrent_invocations),
    SAGEMAKER_MAX_PAYLOAD_IN_MB: String(model.max_payload_size),
    AWS_REGION: awsRegion,
  };
}

/** The shorter map that the execution document carries. */
export function documentEnvironment(config: Config, awsRegion: string): Readonly<Record<string, string>> {
  return {
    SAGEMAKER_CONTAINER_LOG_LEVEL: CONTAINER_LOG_LEVEL,
    SAGEMAKER_PROGRAM: config.model.inference_entry_point,
    SAGEMAKER_REGION: awsRegion,
    SAGEMAKER_SUBMIT_DIRECTORY: SUBMIT_DIRECTORY,
  };
}
