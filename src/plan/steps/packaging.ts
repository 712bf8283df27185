import type { JsonObject } from '../../core/json.ts';
import { AWS_REGIONS } from '../../core/regions.ts';
import type { JoinExpression } from '../locations.ts';
import { modelEnvironment, parameter } from '../parameters.ts';
import { JOB_RETRIES, MODEL_STEP, processingInput, type StepContext, vpcConfig } from './common.ts';

export const PACKAGING_STEP = 'PackagingStep';
const PACKAGED_OUTPUT = 'packaged_model_output';

/** A property reference: where the packaging step has put its result (a prefix). */
export const PACKAGED_PREFIX = {
  Get: `Steps.${PACKAGING_STEP}.ProcessingOutputConfig.Outputs['${PACKAGED_OUTPUT}'].S3Output.S3Uri`,
} as const;

/** What the packaging step runs and reads. All URIs that are prefixes end in a slash. */
export interface PackagingInputs {
  readonly image: string;
  readonly scriptsPrefix: string;
  readonly codePrefix: string;
  readonly entryPoint: string;
  readonly payload: JoinExpression;
  readonly document: JoinExpression;
  readonly output: JoinExpression;
}

const CACHE_DURATION = 'P30D';
const CODE_FOLDER = '/opt/ml/processing/input/code';

export function packagingStep(context: StepContext, inputs: PackagingInputs): JsonObject {
  return {
    Name: PACKAGING_STEP,
    Type: 'Processing',
    Arguments: packagingJob(context, inputs),
    DependsOn: [MODEL_STEP],
    RetryPolicies: JOB_RETRIES,
    ...(context.config.package.enable_caching_package_step
      ? { CacheConfig: { Enabled: true, ExpireAfter: CACHE_DURATION } }
      : {}),
  };
}

function packagingJob(context: StepContext, inputs: PackagingInputs): JsonObject {
  const kms = parameter('KMSEncryptionKey');
  return {
    ProcessingResources: {
      ClusterConfig: {
        ...cluster(context),
        ...(context.hasKms ? { VolumeKmsKeyId: kms } : {}),
      },
    },
    AppSpecification: appSpecification(context, inputs),
    RoleArn: context.roleArn,
    ProcessingInputs: [
      processingInput('model_input', parameter('ModelS3Path'), '/opt/ml/processing/input/model'),
      processingInput('inference_scripts_input', inputs.codePrefix, '/opt/ml/processing/input/script'),
      processingInput('code', inputs.scriptsPrefix, CODE_FOLDER),
      processingInput('payload', inputs.payload, '/opt/ml/processing/mims_payload'),
      processingInput('execution_document', inputs.document, '/opt/ml/processing/config'),
    ],
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: PACKAGED_OUTPUT,
          AppManaged: false,
          S3Output: { S3Uri: inputs.output, LocalPath: '/opt/ml/processing/output', S3UploadMode: 'EndOfJob' },
        },
      ],
      ...(context.hasKms ? { KmsKeyId: kms } : {}),
    },
    Environment: packagerEnvironment(context),
    ...(context.hasVpc ? { NetworkConfig: { VpcConfig: vpcConfig(context) } } : {}),
    StoppingCondition: { MaxRuntimeInSeconds: context.config.package.max_runtime_minutes * 60 },
  };
}

function cluster({ config }: StepContext): JsonObject {
  const job = config.package;
  return {
    InstanceType: job.use_large_processing_instance
      ? job.processing_instance_type_large
      : job.processing_instance_type_small,
    InstanceCount: job.processing_instance_count,
    VolumeSizeInGB: job.processing_volume_size,
  };
}

function appSpecification({ config }: StepContext, inputs: PackagingInputs): JsonObject {
  const scriptArguments = config.package.processing_script_arguments ?? [];
  return {
    ImageUri: inputs.image,
    ...(scriptArguments.length > 0 ? { ContainerArguments: scriptArguments } : {}),
    ContainerEntrypoint: ['python3', `${CODE_FOLDER}/${inputs.entryPoint}`],
  };
}

/** What decides the result, and nothing else: a commit or a run's address here would defeat the step cache. */
function packagerEnvironment({ config }: StepContext): JsonObject {
  return {
    ModelIdentity: parameter('ModelIdentity'),
    MODEL_ARCHIVE_NAME: parameter('ModelArchiveName'),
    SAGEMAKER_PROGRAM: config.model.inference_entry_point,
    VERIFY: String(config.package.verify),
    TMPDIR: parameter('PipelineExecutionTempDir'),
    // What the package will be served with: verification starts the model server with it.
    ...Object.fromEntries(
      Object.entries(modelEnvironment(config, AWS_REGIONS.NA)).map(([name, value]) => [`SERVING_${name}`, value]),
    ),
  };
}
