import { memoizeByName, memoize } from '../../core/concurrency.ts';
import { PIPELINE_REGION } from '../../core/regions.ts';
import type { RoleCredentials } from '../credentials.ts';
import type { Aws, Registry } from '../types.ts';
import { withAwsErrors, required } from './call.ts';
import { clientSettings, type SageMaker } from './clients.ts';
import { createJobs, type Logs } from './jobs.ts';
import { createLoadTests } from './load-tests.ts';
import { createObjects } from './objects.ts';
import { createPipelines } from './pipelines.ts';
import { createRegistry } from './registry.ts';

/**
 * The real AWS. Each client is loaded at its first use: parsing the SDK is what start-up consists of. Without credentials
 * of our own the SDK's standard chain finds some.
 */
export function createAws(credentials?: () => Promise<RoleCredentials>): Aws {
  const own = credentials === undefined ? {} : { credentials };
  const settings = (region: string) => ({ ...clientSettings(region), ...own });
  const s3 = memoize(async () => {
    const sdk = await import('./modules/s3.ts');
    return { sdk, client: new sdk.S3Client(settings(PIPELINE_REGION)) };
  });
  const sageMakerIn = memoizeByName(
    (region): SageMaker =>
      memoize(async () => {
        const sdk = await import('./modules/sagemaker.ts');
        return { sdk, client: new sdk.SageMakerClient(settings(region)) };
      }),
  );
  const logsIn = memoizeByName(
    (region): Logs =>
      memoize(async () => {
        const sdk = await import('./modules/logs.ts');
        return { sdk, client: new sdk.CloudWatchLogsClient(settings(region)) };
      }),
  );
  const sageMaker = sageMakerIn(PIPELINE_REGION);
  return {
    identity: memoize(async () => {
      const sdk = await import('./modules/sts.ts');
      const client = new sdk.STSClient(settings(PIPELINE_REGION));
      const answer = await withAwsErrors('learn whose credentials these are', () =>
        client.send(new sdk.GetCallerIdentityCommand({})),
      );
      return { accountId: required(answer.Account, 'Account'), arn: required(answer.Arn, 'Arn') };
    }),
    objects: createObjects(s3),
    pipelines: createPipelines(sageMaker),
    registry: memoizeByName((region): Registry => createRegistry(sageMakerIn(region))),
    jobs: createJobs(sageMaker, logsIn(PIPELINE_REGION)),
    loadTests: memoizeByName((region) => createLoadTests(sageMakerIn(region), logsIn(region))),
  };
}
