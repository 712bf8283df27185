import { memoize, memoizeByName } from '../../core/concurrency.ts';
import { PIPELINE_REGION } from '../../core/regions.ts';
import type { RoleCredentials } from '../credentials.ts';
import type { Aws, Registry } from '../types.ts';
import { required, withAwsErrors } from './call.ts';
import { clientSettings, countRequests, expectOwners, limitTime, type SageMaker, type TimeLimits } from './clients.ts';
import { createJobs, type Logs } from './jobs.ts';
import { createLoadTests } from './load-tests.ts';
import { createObjects } from './objects.ts';
import { createPipelines } from './pipelines.ts';
import { createRegistry } from './registry.ts';

export interface AwsOptions extends TimeLimits {
  /** Without, the SDK's standard chain finds some. */
  readonly credentials?: (() => Promise<RoleCredentials>) | undefined;
}

/** The real AWS. Each client is loaded at its first use: parsing the SDK is what start-up consists of. */
export function createAws({ credentials, ...limits }: AwsOptions = {}): Aws {
  const own = credentials === undefined ? {} : { credentials };
  const settings = (region: string) => ({ ...clientSettings(region), ...own });
  let requests = 0;
  const managed = <C extends Parameters<typeof limitTime>[0]>(client: C): C =>
    limitTime(
      countRequests(client, () => (requests += 1)),
      limits,
    );
  const s3 = memoize(async () => {
    const sdk = await import('./modules/s3.ts');
    const client = managed(new sdk.S3Client(settings(PIPELINE_REGION)));
    const owners = new Map<string, string>();
    expectOwners(client, owners);
    return { sdk, client, owners };
  });
  const sageMakerIn = memoizeByName(
    (region): SageMaker =>
      memoize(async () => {
        const sdk = await import('./modules/sagemaker.ts');
        return { sdk, client: managed(new sdk.SageMakerClient(settings(region))) };
      }),
  );
  const logsIn = memoizeByName(
    (region): Logs =>
      memoize(async () => {
        const sdk = await import('./modules/logs.ts');
        return { sdk, client: managed(new sdk.CloudWatchLogsClient(settings(region))) };
      }),
  );
  const sageMaker = sageMakerIn(PIPELINE_REGION);
  return {
    identity: memoize(async () => {
      const sdk = await import('./modules/sts.ts');
      const client = managed(new sdk.STSClient(settings(PIPELINE_REGION)));
      return withAwsErrors('learn whose credentials these are', async () => {
        const answer = await client.send(new sdk.GetCallerIdentityCommand({}));
        return { accountId: required(answer.Account, 'Account'), arn: required(answer.Arn, 'Arn') };
      });
    }),
    objects: createObjects(s3),
    pipelines: createPipelines(sageMaker),
    registry: memoizeByName((region): Registry => createRegistry(sageMakerIn(region))),
    jobs: createJobs(sageMaker, logsIn(PIPELINE_REGION)),
    loadTests: memoizeByName((region) => createLoadTests(sageMakerIn(region), logsIn(region))),
    requestsMade: () => requests,
  };
}
