import { memoize, memoizeByName } from '../../core/concurrency.ts';
import { PIPELINE_REGION } from '../../core/regions.ts';
import type { RoleCredentials } from '../credentials.ts';
import type { Aws, Registry } from '../types.ts';
import { required, withAwsErrors } from './call.ts';
import { clientSettings, expectOwners, limitTime, type SageMaker } from './clients.ts';
import { createJobs, type Logs } from './jobs.ts';
import { createLoadTests } from './load-tests.ts';
import { createObjects } from './objects.ts';
import { createPipelines } from './pipelines.ts';
import { createRegistry } from './registry.ts';

export interface AwsOptions {
  /** Without, the SDK's standard chain finds some. */
  readonly credentials?: (() => Promise<RoleCredentials>) | undefined;
  /** Milliseconds since 1970 at which the run gives up: what is under way then is given up soon after. */
  readonly deadlineMs?: number | undefined;
}

/** The real AWS. Each client is loaded at its first use: parsing the SDK is what start-up consists of. */
export function createAws({ credentials, deadlineMs }: AwsOptions = {}): Aws {
  const own = credentials === undefined ? {} : { credentials };
  const settings = (region: string) => ({ ...clientSettings(region), ...own });
  const s3 = memoize(async () => {
    const sdk = await import('./modules/s3.ts');
    const client = limitTime(new sdk.S3Client(settings(PIPELINE_REGION)), deadlineMs);
    const owners = new Map<string, string>();
    expectOwners(client, owners);
    return { sdk, client, owners };
  });
  const sageMakerIn = memoizeByName(
    (region): SageMaker =>
      memoize(async () => {
        const sdk = await import('./modules/sagemaker.ts');
        return { sdk, client: limitTime(new sdk.SageMakerClient(settings(region)), deadlineMs) };
      }),
  );
  const logsIn = memoizeByName(
    (region): Logs =>
      memoize(async () => {
        const sdk = await import('./modules/logs.ts');
        return { sdk, client: limitTime(new sdk.CloudWatchLogsClient(settings(region)), deadlineMs) };
      }),
  );
  const sageMaker = sageMakerIn(PIPELINE_REGION);
  return {
    identity: memoize(async () => {
      const sdk = await import('./modules/sts.ts');
      const client = limitTime(new sdk.STSClient(settings(PIPELINE_REGION)), deadlineMs);
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
  };
}
