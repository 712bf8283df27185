import type { SageMakerClient } from '@aws-sdk/client-sagemaker';

type SageMakerModule = typeof import('@aws-sdk/client-sagemaker');
/** The module and the client of one region, loaded at first use. */
export type SageMaker = () => Promise<{ readonly sdk: SageMakerModule; readonly client: SageMakerClient }>;
