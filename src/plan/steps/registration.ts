import type { Config } from '../../config/index.ts';
import type { JsonObject } from '../../core/json.ts';
import { join, type JoinExpression } from '../locations.ts';
import { metadataValue } from '../metadata.ts';
import { parameter } from '../parameters.ts';
import type { Registration } from '../types.ts';
import { REGISTER_RETRIES } from './common.ts';
import { configMetadata, inferenceSpecification, packageDescription } from './package-content.ts';
import { PACKAGED_PREFIX, PACKAGING_STEP } from './packaging.ts';

/** What the package of NA holds besides the configuration. */
export interface PackageContent {
  readonly image: string;
  readonly payload: JoinExpression;
  /** Left out where the URI is longer than a metadata value can be: a cut URI leads nowhere. */
  readonly document: JoinExpression | undefined;
  readonly variables: JoinExpression | undefined;
  readonly repository: string;
}

/** NA: registered natively by the service, no job; the lineage of the execution is kept. */
export function nativeRegistrationStep(
  config: Config,
  registration: Registration,
  content: PackageContent,
): JsonObject {
  return {
    Name: registration.stepName,
    Type: 'RegisterModel',
    Arguments: {
      ModelPackageGroupName: registration.group,
      ModelPackageDescription: packageDescription(config),
      MetadataProperties: {
        CommitId: parameter('GitCommit'),
        Repository: metadataValue(content.repository),
        GeneratedBy: parameter('RunUrl'),
      },
      CustomerMetadataProperties: {
        package_fingerprint: parameter('PackageFingerprint'),
        ...configMetadata(config, registration.region),
        git_commit: parameter('GitCommit'),
        git_ref: parameter('GitRef'),
        run_url: parameter('RunUrl'),
        ...(content.document === undefined ? {} : { execution_document_s3_uri: content.document }),
        ...(content.variables === undefined ? {} : { variable_schema_s3_uri: content.variables }),
      },
      SamplePayloadUrl: content.payload,
      InferenceSpecification: inferenceSpecification(config, {
        region: registration.region,
        image: content.image,
        modelDataUrl: join(PACKAGED_PREFIX, 'model.tar.gz'),
        instanceType: parameter('InferenceInstanceType'),
      }),
      ModelApprovalStatus: parameter('ApprovalStatus'),
    },
    DependsOn: [PACKAGING_STEP],
    RetryPolicies: REGISTER_RETRIES,
  };
}
