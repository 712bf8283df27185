import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeProcessingJobCommand,
  type DescribeProcessingJobResponse,
  type PipelineExecutionStep,
} from '@aws-sdk/client-sagemaker';
import type { Account } from './account.ts';
import { linkJob } from './console-links.ts';
import { endOf, start, stepOf } from './executions.ts';
import { definition, IMAGE, type JsonObject, pipelineNamed, putObject, stringParameter } from './fixtures.ts';
import type { Json } from './outcome.ts';

/** Pipelines whose one step is a processing job. Jobs are started by pipelines only: stopping those stops them. */

const SCRIPTS = join(import.meta.dirname, '..', '..', 'conformance', 'scripts');
const CODE = '/opt/ml/processing/input/code';

export interface JobRun {
  readonly arn: string;
  readonly step: PipelineExecutionStep;
  readonly job: DescribeProcessingJobResponse | undefined;
}

export interface JobPlan {
  /** File in conformance/scripts. */
  readonly script: string;
  readonly data?: string;
  readonly more?: JsonObject;
  readonly cluster?: JsonObject;
}

/** The definition of a pipeline with one cached job; its environment holds the parameter Value. */
function jobDefinition(account: Account, what: string, plan: JobPlan): string {
  const input = (name: string, uri: string, localPath: string) => ({
    InputName: name,
    AppManaged: false,
    S3Input: { S3Uri: uri, LocalPath: localPath, S3DataType: 'S3Prefix', S3InputMode: 'File' },
  });
  const output = {
    S3Uri: account.uriOf(`out/${what}`),
    LocalPath: '/opt/ml/processing/output',
    S3UploadMode: 'EndOfJob',
  };
  const cluster = { InstanceType: 'ml.t3.medium', InstanceCount: 1, VolumeSizeInGB: 30, ...plan.cluster };
  return definition(
    [
      {
        Name: 'RunJob',
        Type: 'Processing',
        Arguments: {
          RoleArn: account.options.role,
          ProcessingResources: { ClusterConfig: cluster },
          AppSpecification: { ImageUri: IMAGE, ContainerEntrypoint: ['python3', `${CODE}/${plan.script}`] },
          Environment: { VALUE: { Get: 'Parameters.Value' } },
          ProcessingInputs: [
            input('code', account.uriOf(`code/${plan.script}/`), CODE),
            input('data', plan.data ?? account.uriOf('data/'), '/opt/ml/processing/input/data'),
          ],
          ProcessingOutputConfig: { Outputs: [{ OutputName: 'out', AppManaged: false, S3Output: output }] },
          StoppingCondition: { MaxRuntimeInSeconds: 900 },
          ...plan.more,
        },
        CacheConfig: { Enabled: true, ExpireAfter: 'P1D' },
      },
    ],
    { Parameters: [stringParameter('Value', 'one')] },
  );
}

export async function jobPipeline(account: Account, what: string, plan: JobPlan): Promise<string> {
  await account.once(`code ${plan.script}`, async () =>
    putObject(account, `code/${plan.script}/${plan.script}`, await readFile(join(SCRIPTS, plan.script))),
  );
  await account.once('job data', () => putObject(account, 'data/data.txt', 'first'));
  return await pipelineNamed(account, what, jobDefinition(account, what, plan));
}

/** Starts the pipeline, waits for its end, and looks at the job. */
export async function runJob(
  account: Account,
  pipeline: string,
  of: { what: string; value?: string },
): Promise<JobRun> {
  const parameters = of.value === undefined ? [] : [{ Name: 'Value', Value: of.value }];
  const arn = await start(account, of.what, { PipelineName: pipeline, PipelineParameters: parameters });
  await endOf(account, arn);
  const step = await stepOf(account, arn, 'RunJob');
  const jobArn = step.Metadata?.ProcessingJob?.Arn;
  if (jobArn === undefined) return { arn, step, job: undefined };
  const command = new DescribeProcessingJobCommand({ ProcessingJobName: jobArn.split('/').at(-1) });
  return { arn, step, job: await account.sagemaker.send(command) };
}

export interface Inspection {
  readonly pipeline: string;
  readonly run: JobRun;
  readonly report: { readonly [name: string]: Json };
}

/** The one job that most probes look at: it wrote down what its container holds. */
export function inspection(account: Account): Promise<Inspection> {
  return account.once('inspection', async () => {
    const pipeline = await jobPipeline(account, 'inspection', { script: 'container_report.py' });
    const run = await runJob(account, pipeline, { what: 'inspection' });
    linkJob(account, run.job?.ProcessingJobName ?? '');
    const status = run.job?.ProcessingJobStatus ?? 'not started';
    if (status !== 'Completed') {
      const reason = run.job?.ExitMessage ?? run.step.FailureReason ?? 'no reason given';
      throw new Error(`The job that looks at its container is ${status}: ${reason}`);
    }
    const key = account.keyOf('out/inspection/report.json');
    const { Body } = await account.s3.send(new GetObjectCommand({ Bucket: account.options.bucket, Key: key }));
    return { pipeline, run, report: JSON.parse((await Body?.transformToString()) ?? '{}') as Inspection['report'] };
  });
}
