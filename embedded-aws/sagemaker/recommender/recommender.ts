/** SageMaker Inference Recommender: load tests of model packages. */
import type { JsonObject, RequestContext } from '../../contracts.ts';
import { AwsError } from '../../contracts.ts';
import { arnOf, randomId } from '../ids.ts';
import { object, objects, text } from '../json.ts';
import { killGroup } from '../jobs/process.ts';
import { type Call, type Service, save } from '../service.ts';
import type { BenchmarkRecord, RecommendationsRecord } from '../state.ts';
import { putTags, tagsOf } from '../tags.ts';
import { runBenchmark } from './benchmark.ts';
import { checkRecommendationsJob, type Target, targetOf } from './check.ts';

/** The jobs that run now. */
export type Recommender = {
  create(input: JsonObject, call: Call): RecommendationsRecord;
  /** Ends the load and the model server of the job. */
  stop(arn: string): void;
  /** Ends all and waits for them. */
  close(): Promise<void>;
};

export function openRecommender(service: Service): Recommender {
  const running = new Map<string, { controller: AbortController; done: Promise<void> }>();
  const groups = new Set<number>();
  const killAll = () => {
    for (const pid of groups) killGroup(pid, 'SIGKILL');
  };
  // Groups of their own outlive this process; a Ctrl-C would leave them behind.
  process.on('exit', killAll);
  const launch = (job: RecommendationsRecord, target: Target, context: RequestContext): void => {
    const controller = new AbortController();
    const done = runJob({ service, job, target, context, groups, signal: controller.signal }).then(() => {
      running.delete(job.arn);
    });
    running.set(job.arn, { controller, done });
  };
  return {
    create(input, call) {
      const job = makeJob(input, call);
      launch(job, targetOf(input, call), call.context);
      return job;
    },
    stop: (arn) => running.get(arn)?.controller.abort(),
    async close() {
      for (const { controller } of running.values()) controller.abort();
      await Promise.all(Array.from(running.values(), ({ done }) => done));
      process.off('exit', killAll);
    },
  };
}

function makeJob(input: JsonObject, call: Call): RecommendationsRecord {
  const name = text(input, 'JobName') ?? '';
  const arn = arnOf(call.context, 'inference-recommendations-job', name);
  if (Object.hasOwn(call.region.recommendations, arn)) {
    throw new AwsError(
      'ResourceInUse',
      `An inference recommendations job with the name ${name} already exists (${arn}).`,
    );
  }
  tagsOf(input);
  checkRecommendationsJob(input, call);
  const configurations = objects(object(input, 'InputConfig') ?? {}, 'EndpointConfigurations');
  const types = configurations.map((item) => text(item, 'InstanceType') ?? '');
  const job: RecommendationsRecord = {
    arn,
    name,
    roleArn: text(input, 'RoleArn') ?? '',
    input,
    status: 'PENDING',
    createdMs: call.nowMs,
    modifiedMs: call.nowMs,
    benchmarks: (types.length === 0 ? ['ml.c5.large'] : types).map(plannedBenchmark),
  };
  call.region.recommendations[arn] = job;
  putTags(input, arn, call);
  save(call);
  return job;
}

function plannedBenchmark(instanceType: string): BenchmarkRecord {
  const id = randomId(8);
  return { instanceType, status: 'PENDING', endpointName: `sm-epc-${id}`, variantName: `sm-epc-${id}-variant` };
}

type JobRun = Parameters<typeof runBenchmark>[0];

/** One load test after another: two at once would measure each other. */
async function runJob(run: JobRun): Promise<void> {
  const { job } = run;
  const keep = () => {
    job.modifiedMs = run.service.clock.nowMs();
    run.service.state.saveQuietly(run.context.region);
  };
  // The call that launches is answered first.
  await new Promise((resolve) => setImmediate(resolve));
  if (job.status === 'PENDING') job.status = 'IN_PROGRESS';
  keep();
  for (const benchmark of job.benchmarks) {
    if (run.signal.aborted) benchmark.status = 'STOPPED';
    else await runBenchmark(run, benchmark);
    keep();
  }
  const [failed] = job.benchmarks.filter(({ status }) => status === 'FAILED');
  const measured = job.benchmarks.some(({ status }) => status === 'COMPLETED');
  if (run.signal.aborted) job.status = 'STOPPED';
  else job.status = measured ? 'COMPLETED' : 'FAILED';
  if (job.status === 'FAILED' && failed?.failureReason !== undefined) job.failureReason = failed.failureReason;
  job.completedMs = run.service.clock.nowMs();
  keep();
}
