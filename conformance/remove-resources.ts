/** SageMaker's part of the clean-up, and the log streams of its jobs. */
import { DeleteLogStreamCommand, DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DeleteModelCommand,
  DeleteModelPackageCommand,
  DeleteModelPackageGroupCommand,
  DeletePipelineCommand,
  DeleteProcessingJobCommand,
  DescribePipelineExecutionCommand,
  DescribeProcessingJobCommand,
  ListInferenceRecommendationsJobsCommand,
  ListPipelineExecutionStepsCommand,
  paginateListModelPackageGroups,
  paginateListModelPackages,
  paginateListPipelineExecutions,
  paginateListPipelines,
  StopInferenceRecommendationsJobCommand,
  StopPipelineExecutionCommand,
} from '@aws-sdk/client-sagemaker';
import type { Made } from './account.ts';
import type { Sweep } from './sweep.ts';
import { NotOffered } from './outcome.ts';

const LOG_GROUP = '/aws/sagemaker/ProcessingJobs';

export async function removePipelines(sweep: Sweep): Promise<void> {
  const { sagemaker: client } = sweep.clients;
  const names = await namesOf(sweep, 'pipelines', async function* () {
    for await (const page of paginateListPipelines({ client }, { PipelineNamePrefix: sweep.place.run })) {
      yield* (page.PipelineSummaries ?? []).map(({ PipelineName = '' }) => PipelineName);
    }
  });
  for (const name of names) {
    // First what its executions made: without the pipeline nobody would know of it.
    await sweep.remove(`pipeline ${name}, with what its executions made`, async () => {
      await executionsOf(sweep, name);
      await client.send(new DeletePipelineCommand({ PipelineName: name }));
    });
  }
}

/** What is listed, and what was noted; without the noted names, a list that is not offered is an error. */
async function namesOf(sweep: Sweep, kind: keyof Made, list: () => AsyncIterable<string>): Promise<Set<string>> {
  const { run, made } = sweep.place;
  const names = new Set(made?.[kind]);
  try {
    for await (const name of list()) if (name.startsWith(run)) names.add(name);
  } catch (error) {
    if (!(error instanceof NotOffered) || made === undefined) throw error;
  }
  return names;
}

async function executionsOf(sweep: Sweep, pipeline: string): Promise<void> {
  const { sagemaker: client } = sweep.clients;
  const arns: string[] = [];
  for await (const page of paginateListPipelineExecutions({ client }, { PipelineName: pipeline })) {
    arns.push(...(page.PipelineExecutionSummaries ?? []).map(({ PipelineExecutionArn = '' }) => PipelineExecutionArn));
  }
  for (const arn of arns) await stopAndWait(sweep, arn);
  for (const arn of arns) await removeResults(sweep, arn);
}

async function stopAndWait(sweep: Sweep, arn: string): Promise<void> {
  const { sagemaker } = sweep.clients;
  const of = { PipelineExecutionArn: arn };
  const status = async () => (await sagemaker.send(new DescribePipelineExecutionCommand(of))).PipelineExecutionStatus;
  if ((await status()) === 'Executing') {
    // It may end by itself meanwhile, which is as good.
    await sagemaker.send(new StopPipelineExecutionCommand(of)).catch(() => undefined);
  }
  // Jobs take up to two minutes to stop.
  for (let tries = 0; tries < 300; tries += 1) {
    const now = await status();
    if (now !== 'Executing' && now !== 'Stopping') return;
    await sweep.pause();
  }
}

/** Models and jobs; packages are found by their groups. */
async function removeResults(sweep: Sweep, arn: string): Promise<void> {
  const { sagemaker, logs } = sweep.clients;
  const command = new ListPipelineExecutionStepsCommand({ PipelineExecutionArn: arn, MaxResults: 100 });
  for (const step of (await sagemaker.send(command)).PipelineExecutionSteps ?? []) {
    // What was taken over from another execution is removed with that one.
    if (step.CacheHitResult?.SourcePipelineExecutionArn || step.SelectiveExecutionResult !== undefined) continue;
    const model = nameIn(step.Metadata?.Model?.Arn);
    const job = await jobName(sweep, nameIn(step.Metadata?.ProcessingJob?.Arn));
    if (model !== undefined) {
      await sweep.remove(`model ${model}`, () => sagemaker.send(new DeleteModelCommand({ ModelName: model })));
    }
    if (job === undefined) continue;
    await sweep.remove(`job ${job}`, () => sagemaker.send(new DeleteProcessingJobCommand({ ProcessingJobName: job })));
    await sweep.remove(`log streams of job ${job}`, async () => {
      const found = await logs.send(
        new DescribeLogStreamsCommand({ logGroupName: LOG_GROUP, logStreamNamePrefix: `${job}/` }),
      );
      for (const { logStreamName } of found.logStreams ?? []) {
        await logs.send(new DeleteLogStreamCommand({ logGroupName: LOG_GROUP, logStreamName }));
      }
    });
  }
}

/** As the job was named: ARNs hold names in lower case, log streams begin with the name (docs/aws-answers.md, arn-case). */
async function jobName({ clients }: Sweep, inArn: string | undefined): Promise<string | undefined> {
  if (inArn === undefined) return undefined;
  const command = new DescribeProcessingJobCommand({ ProcessingJobName: inArn });
  // A job that cannot be described is removed by the name that is known; that says why it cannot be, if so.
  const found = await clients.sagemaker.send(command).catch(() => undefined);
  return found?.ProcessingJobName ?? inArn;
}

function nameIn(arn: string | undefined): string | undefined {
  return arn?.split('/').at(-1);
}

export async function removeGroups(sweep: Sweep): Promise<void> {
  const { sagemaker: client } = sweep.clients;
  const names = await namesOf(sweep, 'groups', async function* () {
    for await (const page of paginateListModelPackageGroups({ client }, { NameContains: sweep.place.run })) {
      yield* (page.ModelPackageGroupSummaryList ?? []).map(({ ModelPackageGroupName = '' }) => ModelPackageGroupName);
    }
  });
  for (const name of names) {
    await sweep.remove(`model package group ${name}, with its packages`, () => removeGroup(sweep, name));
  }
}

async function removeGroup(sweep: Sweep, name: string): Promise<void> {
  const { sagemaker: client } = sweep.clients;
  const arns: string[] = [];
  for await (const page of paginateListModelPackages({ client }, { ModelPackageGroupName: name })) {
    arns.push(...(page.ModelPackageSummaryList ?? []).map(({ ModelPackageArn = '' }) => ModelPackageArn));
  }
  for (const arn of arns) {
    await sweep.remove(`model package ${arn.split(':').at(-1) ?? ''}`, () =>
      client.send(new DeleteModelPackageCommand({ ModelPackageName: arn })),
    );
  }
  await client.send(new DeleteModelPackageGroupCommand({ ModelPackageGroupName: name }));
}

/** Load tests cannot be removed: they are stopped, and what AWS keeps of them costs nothing. */
export async function stopRecommendations(sweep: Sweep): Promise<void> {
  const { sagemaker } = sweep.clients;
  const command = new ListInferenceRecommendationsJobsCommand({ NameContains: sweep.place.run });
  const found = await sagemaker.send(command).catch((error: unknown) => {
    // Who does not offer load tests has none.
    if (error instanceof NotOffered) return undefined;
    throw error;
  });
  for (const { JobName = '', Status } of found?.InferenceRecommendationsJobs ?? []) {
    if (Status !== 'PENDING' && Status !== 'IN_PROGRESS') continue;
    await sweep.remove(`load test ${JobName} (stopped)`, () =>
      sagemaker.send(new StopInferenceRecommendationsJobCommand({ JobName })),
    );
  }
}
