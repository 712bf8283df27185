import type { Config } from '../../config/index.ts';
import type { JsonObject } from '../../core/json.ts';
import { PIPELINE_REGION } from '../../core/regions.ts';
import { modelEnvironment, parameter } from '../parameters.ts';

/** What every step builder needs. */
export interface StepContext {
  readonly config: Config;
  readonly roleArn: string;
  /** A KMS key, subnets and security groups are configured: then the parameters of these names exist. */
  readonly hasKms: boolean;
  readonly hasVpc: boolean;
}

/** One input of a processing job, in the member order of AWS's own SDK. `localPath` is always a folder. */
export function processingInput(name: string, uri: JsonObject | string, localPath: string): JsonObject {
  return {
    InputName: name,
    AppManaged: false,
    S3Input: {
      S3Uri: uri,
      LocalPath: localPath,
      S3DataType: 'S3Prefix',
      S3InputMode: 'File',
      S3DataDistributionType: 'FullyReplicated',
      S3CompressionType: 'None',
    },
  };
}

/** VpcConfig: the first subnet and group are parameters (there are no list parameters), further ones literal. */
export function vpcConfig({ config }: StepContext): JsonObject {
  return {
    SecurityGroupIds: [parameter('SecurityGroupId'), ...(config.base.security_group_ids ?? []).slice(1)],
    Subnets: [parameter('VPCEndpointSubnet'), ...(config.base.subnets ?? []).slice(1)],
  };
}

/** Processing itself sets AWS_REGION or not; a script of a team's own may read either name. */
export function jobRegion(): JsonObject {
  return { AWS_REGION: PIPELINE_REGION, SAGEMAKER_REGION: PIPELINE_REGION };
}

/** Transient failures of a job: the service's own faults, capacity, throttling. */
export const JOB_RETRIES: readonly JsonObject[] = [
  { BackoffRate: 2, IntervalSeconds: 5, MaxAttempts: 5, ExceptionType: ['Step.SERVICE_FAULT', 'Step.THROTTLING'] },
  {
    BackoffRate: 2,
    IntervalSeconds: 30,
    MaxAttempts: 3,
    ExceptionType: ['SageMaker.JOB_INTERNAL_ERROR', 'SageMaker.CAPACITY_ERROR'],
  },
];

/** Model creation is idempotent enough to be repeated on faults; it has no job. */
const MODEL_RETRIES: readonly JsonObject[] = [
  { BackoffRate: 2, IntervalSeconds: 5, MaxAttempts: 5, ExceptionType: ['Step.SERVICE_FAULT', 'Step.THROTTLING'] },
];

/** A registration call that failed after all may have registered: only what was refused unread is repeated. */
export const REGISTER_RETRIES: readonly JsonObject[] = [
  { BackoffRate: 2, IntervalSeconds: 5, MaxAttempts: 5, ExceptionType: ['Step.THROTTLING'] },
];

export const MODEL_STEP = 'CreatePytorchModelStep';

/** Creates a SageMaker model from the archive as it is. */
export function modelStep(context: StepContext, image: string): JsonObject {
  return {
    Name: MODEL_STEP,
    Type: 'Model',
    Arguments: {
      ExecutionRoleArn: context.roleArn,
      PrimaryContainer: {
        Image: image,
        Environment: modelEnvironment(context.config, PIPELINE_REGION),
        ModelDataUrl: parameter('ModelS3Path'),
      },
      ...(context.hasVpc ? { VpcConfig: vpcConfig(context) } : {}),
    },
    RetryPolicies: MODEL_RETRIES,
  };
}
