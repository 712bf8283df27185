import type { Config } from '../../config/index.ts';
import type { JsonObject } from '../../core/json.ts';
import { join, type JoinExpression } from '../locations.ts';
import {
  configMetadata,
  inferenceSpecification,
  metadataValue,
  packageDescription,
  packageTask,
  partMetadata,
} from '../model-package.ts';
import { parameter } from '../parameters.ts';
import type { Registration } from '../types.ts';
import { JOB_RETRIES, jobRegion, processingInput, REGISTER_RETRIES, type StepContext } from './common.ts';
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
      ...packageTask(config),
      MetadataProperties: {
        CommitId: parameter('GitCommit'),
        Repository: metadataValue(content.repository),
        GeneratedBy: parameter('RunUrl'),
      },
      CustomerMetadataProperties: {
        package_fingerprint: parameter('PackageFingerprint'),
        ...configMetadata(config, registration.region),
        model_identity: parameter('ModelIdentity'),
        ...partMetadata(registration.parts),
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

/** What the registration job of a region runs and reads. */
export interface RegionalInputs {
  readonly stepName: string;
  /** The packager's image: Python, boto3 and pip are there. */
  readonly image: string;
  readonly scriptsPrefix: string;
  readonly entryPoint: string;
  /** A team's own script: it gets the package itself as a file, and disk for it. */
  readonly own: boolean;
  readonly payload: JoinExpression;
  readonly document: JoinExpression;
  readonly request: JoinExpression;
  readonly output: JoinExpression;
}

const CODE_FOLDER = '/opt/ml/processing/input/code';
const INSTANCE_TYPE = 'ml.t3.medium';
const VOLUME_GB = 30;
/** A server-side copy of the largest archives takes minutes, not hours. */
const MAX_RUNTIME_SECONDS = 2 * 60 * 60;

/** A processing job that registers in another region, or by a team's own script in any. */
export function regionalRegistrationStep(context: StepContext, inputs: RegionalInputs): JsonObject {
  const kms = parameter('KMSEncryptionKey');
  return {
    Name: inputs.stepName,
    Type: 'Processing',
    Arguments: {
      ProcessingResources: {
        ClusterConfig: {
          InstanceType: INSTANCE_TYPE,
          InstanceCount: 1,
          VolumeSizeInGB: inputs.own ? Math.max(VOLUME_GB, context.config.package.processing_volume_size) : VOLUME_GB,
          ...(context.hasKms ? { VolumeKmsKeyId: kms } : {}),
        },
      },
      AppSpecification: {
        ImageUri: inputs.image,
        ContainerEntrypoint: ['python3', `${CODE_FOLDER}/${inputs.entryPoint}`],
      },
      RoleArn: context.roleArn,
      ProcessingInputs: jobInputs(inputs),
      ProcessingOutputConfig: {
        Outputs: [
          {
            OutputName: 'registration',
            AppManaged: false,
            S3Output: { S3Uri: inputs.output, LocalPath: '/opt/ml/processing/output', S3UploadMode: 'EndOfJob' },
          },
        ],
        ...(context.hasKms ? { KmsKeyId: kms } : {}),
      },
      Environment: jobEnvironment(),
      StoppingCondition: { MaxRuntimeInSeconds: MAX_RUNTIME_SECONDS },
    },
    DependsOn: [PACKAGING_STEP],
    RetryPolicies: JOB_RETRIES,
  };
}

function jobInputs(inputs: RegionalInputs): JsonObject[] {
  return [
    processingInput('code', inputs.scriptsPrefix, CODE_FOLDER),
    processingInput('payload', inputs.payload, '/opt/ml/processing/mims_payload'),
    processingInput('execution_document', inputs.document, '/opt/ml/processing/config'),
    processingInput('registration_request', inputs.request, '/opt/ml/processing/input/registration'),
    ...(inputs.own
      ? [processingInput('model', join(PACKAGED_PREFIX, 'model.tar.gz'), '/opt/ml/processing/input/model')]
      : []),
  ];
}

/** What only the execution knows; everything else stands in the request document. */
function jobEnvironment(): JsonObject {
  return {
    PACKAGED_MODEL_S3_URI: join(PACKAGED_PREFIX, 'model.tar.gz'),
    APPROVAL_STATUS: parameter('ApprovalStatus'),
    GIT_COMMIT: parameter('GitCommit'),
    GIT_REF: parameter('GitRef'),
    RUN_URL: parameter('RunUrl'),
    PIPELINE_EXECUTION_ARN: { Get: 'Execution.PipelineExecutionArn' },
    ...jobRegion(),
  };
}
