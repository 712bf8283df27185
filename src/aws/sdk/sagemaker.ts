import type { SageMakerClient } from '@aws-sdk/client-sagemaker';

type SageMakerModule = typeof import('./modules/sagemaker.ts');
/** The module and the client of one region, loaded at first use. */
export type SageMaker = () => Promise<{ readonly sdk: SageMakerModule; readonly client: SageMakerClient }>;
