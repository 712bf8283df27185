import type { JsonObject } from '../../contracts.ts';
import { notFound } from '../errors.ts';
import { arnOf } from '../ids.ts';
import { defined, number, object, pick, seconds, text } from '../json.ts';
import { createdWithin, ordered, pageAnswer, pageOf } from '../paging.ts';
import { type Call, type Operation, save } from '../service.ts';
import type { BenchmarkRecord, RecommendationsRecord } from '../state.ts';
import type { Recommender } from './recommender.ts';

export function recommenderOperations(recommender: Recommender): Readonly<Record<string, Operation>> {
  return {
    CreateInferenceRecommendationsJob: (input, call) => ({ JobArn: recommender.create(input, call).arn }),
    DescribeInferenceRecommendationsJob: describeJob,
    ListInferenceRecommendationsJobs: listJobs,
    ListInferenceRecommendationsJobSteps: listSteps,
    StopInferenceRecommendationsJob: (input, call) => {
      const job = jobOf(input, call);
      // Stopping what has ended, or is being stopped, changes nothing.
      if (job.status === 'PENDING' || job.status === 'IN_PROGRESS') {
        job.status = 'STOPPING';
        job.modifiedMs = call.nowMs;
        save(call);
        recommender.stop(job.arn);
      }
      return {};
    },
  };
}

function jobOf(input: JsonObject, call: Call): RecommendationsRecord {
  const name = text(input, 'JobName') ?? '';
  const job = call.region.recommendations[arnOf(call.context, 'inference-recommendations-job', name)];
  if (job === undefined) throw notFound(`Could not find inference recommendations job with name: ${name}`);
  return job;
}

const describeJob: Operation = (input, call) => {
  const job = jobOf(input, call);
  const recommendations = job.benchmarks.filter(({ metrics }) => metrics !== undefined);
  return defined({
    ...identity(job),
    ...pick(job.input, ['InputConfig', 'StoppingConditions']),
    InferenceRecommendations: recommendations.length === 0 ? undefined : recommendations.map(recommendation),
  });
};

function identity(job: RecommendationsRecord): JsonObject {
  return defined({
    JobName: job.name,
    JobDescription: text(job.input, 'JobDescription') ?? '',
    JobType: job.input['JobType'],
    JobArn: job.arn,
    RoleArn: job.roleArn,
    Status: job.status,
    CreationTime: seconds(job.createdMs),
    LastModifiedTime: seconds(job.modifiedMs),
    CompletionTime: job.completedMs === undefined ? undefined : seconds(job.completedMs),
    FailureReason: job.failureReason,
  });
}

function recommendation(benchmark: BenchmarkRecord, index: number): JsonObject {
  return { RecommendationId: `${benchmark.endpointName}/${index + 1}`, ...benchmarkAnswer(benchmark) };
}

function benchmarkAnswer(benchmark: BenchmarkRecord): JsonObject {
  return defined({
    Metrics: benchmark.metrics,
    EndpointConfiguration: {
      EndpointName: benchmark.endpointName,
      VariantName: benchmark.variantName,
      InstanceType: benchmark.instanceType,
      InitialInstanceCount: 1,
    },
    ModelConfiguration: {},
    InvocationStartTime: benchmark.startedMs === undefined ? undefined : seconds(benchmark.startedMs),
    InvocationEndTime: benchmark.endedMs === undefined ? undefined : seconds(benchmark.endedMs),
  });
}

const listJobs: Operation = (input, call) => {
  const contained = text(input, 'NameContains') ?? '';
  const status = text(input, 'StatusEquals');
  const arn = text(input, 'ModelPackageVersionArnEquals');
  const found = Object.values(call.region.recommendations).filter(
    (job) =>
      job.name.includes(contained) &&
      (status === undefined || job.status === status) &&
      (arn === undefined || packageArn(job) === arn) &&
      createdWithin(input, { after: 'CreationTimeAfter', before: 'CreationTimeBefore' }, job.createdMs),
  );
  const sorted = ordered(found, input, {
    defaultOrder: 'Descending',
    ...(text(input, 'SortBy') === 'Name' ? { nameOf: (job: RecommendationsRecord) => job.name } : {}),
  });
  const page = pageOf(sorted, input, { keyOf: (job) => job.arn, pageSize: 10, call });
  const items = page.items.map((job) => defined({ ...identity(job), ModelPackageVersionArn: packageArn(job) }));
  return pageAnswer('InferenceRecommendationsJobs', { ...page, items });
};

function packageArn(job: RecommendationsRecord): string | undefined {
  return text(object(job.input, 'InputConfig') ?? {}, 'ModelPackageVersionArn');
}

const listSteps: Operation = (input, call) => {
  const job = jobOf(input, call);
  const status = text(input, 'Status');
  const found = job.benchmarks.filter((benchmark) => status === undefined || benchmark.status === status);
  const page = pageOf(found, input, {
    keyOf: ({ endpointName }) => endpointName,
    pageSize: number(input, 'MaxResults') ?? 10,
    call,
  });
  const items = page.items.map((benchmark) => ({
    StepType: 'BENCHMARK',
    JobName: job.name,
    Status: benchmark.status,
    InferenceBenchmark: defined({ ...benchmarkAnswer(benchmark), FailureReason: benchmark.failureReason }),
  }));
  return pageAnswer('Steps', { ...page, items });
};
