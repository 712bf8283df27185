import type { JsonObject } from '../../core/json.ts';
import { PIPELINE_REGION } from '../../core/regions.ts';
import { modelEnvironment, parameter } from '../parameters.ts';
import { MODEL_RETRIES, type StepContext, vpcConfig } from './common.ts';

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
