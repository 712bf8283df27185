/** Pipeline parameters, by name. All are of type String, so that one definition serves every model. */

/** Set by the action at every start. */
export const RESERVED_PARAMETERS: readonly string[] = [
  'ModelS3Path',
  'ModelArchiveName',
  'ModelIdentity',
  'PackageFingerprint',
  'ApprovalStatus',
  'GitCommit',
  'GitRef',
  'RunUrl',
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
