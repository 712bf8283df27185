/** One load test: an endpoint on one instance type, made, loaded, measured and removed. */
import { mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestContext } from '../../contracts.ts';
import { removeFolder } from '../jobs/remove.ts';
import { object } from '../json.ts';
import { parseS3Uri } from '../s3-uri.ts';
import type { Service } from '../service.ts';
import type { BenchmarkRecord, RecommendationsRecord } from '../state.ts';
import type { Target } from './check.ts';
import { loadEndpoint } from './load.ts';
import { usdPerHour } from './prices.ts';
import { NotServed, whileServed } from './serve.ts';
import { limitsOf, stagesOf } from './traffic.ts';

/** So many processes answer side by side, as TorchServe has one for each processor of an ml.m5.large. */
const workers = 2;

export type BenchmarkRun = {
  readonly service: Service;
  readonly context: RequestContext;
  readonly job: RecommendationsRecord;
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly groups: Set<number>;
};

/** Fills in the record: its metrics, or why there are none. Never rejects. */
export async function runBenchmark(run: BenchmarkRun, record: BenchmarkRecord): Promise<void> {
  record.status = 'IN_PROGRESS';
  record.startedMs = run.service.clock.nowMs();
  tell(run, `Load test of ${record.instanceType} on endpoint ${record.endpointName} begins.`);
  try {
    const refused = refusalOf(run, record);
    if (refused === undefined) await measure(run, record);
    else record.failureReason = refused;
  } catch (error) {
    record.failureReason = reasonOf(error);
  }
  record.endedMs = run.service.clock.nowMs();
  if (run.signal.aborted) {
    record.status = 'STOPPED';
    delete record.failureReason;
  } else record.status = record.failureReason === undefined ? 'COMPLETED' : 'FAILED';
  const outcome = record.failureReason ?? JSON.stringify(record.metrics ?? {});
  tell(run, `Load test of ${record.instanceType} on endpoint ${record.endpointName} is ${record.status}: ${outcome}`);
}

async function measure(run: BenchmarkRun, record: BenchmarkRecord): Promise<void> {
  const { service, job, target } = run;
  await mkdir(service.options.workFolder, { recursive: true });
  const folder = await realpath(await mkdtemp(join(service.options.workFolder, 'load-')));
  try {
    const serving = {
      python: service.options.python,
      folder,
      modelPath: pathOf(target.modelUrl, service),
      payloadPath: pathOf(target.payloadUrl, service),
      contentType: target.contentType,
      environment: target.environment,
      workers,
      startMs: service.options.loadStartSeconds * 1000,
      graceMs: service.options.killGraceMs,
      onLine: (line: string) => log(run, record, line),
      signal: run.signal,
      groups: run.groups,
    };
    const pattern = object(object(job.input, 'InputConfig') ?? {}, 'TrafficPattern') ?? defaultPattern;
    const found = await whileServed(serving, ({ port, payloads }) =>
      loadEndpoint({
        port,
        payloads,
        accept: target.accept,
        stages: stagesOf(pattern, service.options.loadTimeScale),
        limits: limitsOf(object(job.input, 'StoppingConditions') ?? {}),
        signal: run.signal,
      }),
    );
    if (found.failure === undefined) record.metrics = metricsOf(record.instanceType, found);
    else record.failureReason = `ModelError: Received no successful response from primary (${found.failure}).`;
  } finally {
    await removeFolder(folder);
  }
}

/** What a job of type Default does where nothing else is said: a user more every minute. */
const defaultPattern = {
  TrafficType: 'PHASES',
  Phases: [{ InitialNumberOfUsers: 1, SpawnRate: 1, DurationInSeconds: 300 }],
};

function metricsOf(instanceType: string, found: { invocationsPerMinute: number; latencyMs: number }) {
  const CostPerHour = usdPerHour(instanceType);
  return {
    CostPerHour,
    CostPerInference: found.invocationsPerMinute === 0 ? 0 : CostPerHour / 60 / found.invocationsPerMinute,
    MaxInvocations: found.invocationsPerMinute,
    ModelLatency: found.latencyMs,
  };
}

function pathOf(uri: string, service: Service): string {
  const { bucket, key } = parseS3Uri(uri) ?? { bucket: '', key: '' };
  const found = service.store.head(bucket, key);
  if (found === undefined) throw new Error(`ClientError: Could not find ${uri}.`);
  return found.bodyPath;
}

const logGroup = '/aws/sagemaker/InferenceRecommendationsJobs';

/** What the service itself says of the job. */
function tell({ service, context, job }: BenchmarkRun, message: string): void {
  service.logs.append(context, logGroup, `${job.name}/execution`, [{ atMs: service.clock.nowMs(), message }]);
}

/** A line of the container, for the job and for the endpoint; CloudWatch Logs takes no empty messages. */
function log({ service, context, job }: BenchmarkRun, record: BenchmarkRecord, line: string): void {
  if (line === '') return;
  const { endpointName, variantName } = record;
  const events = [{ atMs: service.clock.nowMs(), message: line }];
  service.logs.append(context, logGroup, `${job.name}/Endpoint/${endpointName}`, events);
  service.logs.append(context, `/aws/sagemaker/Endpoints/${endpointName}`, `${variantName}/i-embedded`, events);
}

/** What keeps an endpoint from being made, as switched, in AWS's words. */
function refusalOf({ service, job, context }: BenchmarkRun, { instanceType }: BenchmarkRecord): string | undefined {
  switch (service.answers.get('recommendation')) {
    case 'measured':
      return undefined;
    case 'no-ping':
      return noPing;
    case 'quota':
      return (
        `ResourceLimitExceeded: The account-level service limit '${instanceType} for endpoint usage' is 0 Instances, ` +
        'with current utilization of 0 Instances and a request delta of 1 Instances. Please use AWS Service Quotas to ' +
        'request an increase for this quota.'
      );
    case 'no-capacity':
      return (
        'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry ' +
        'using a different ML instance type or after some time.'
      );
    case 'instance-type':
      return `ValidationException: Instance type ${instanceType} is not supported by Inference Recommender.`;
    case 'no-permission': {
      const role = job.roleArn.split('/').at(-1) ?? '';
      return (
        `AccessDeniedException: User: arn:aws:sts::${context.accountId}:assumed-role/${role}/SageMaker is not ` +
        'authorized to perform: sagemaker:CreateEndpoint because no identity-based policy allows the ' +
        'sagemaker:CreateEndpoint action'
      );
    }
  }
}

const noPing =
  'The primary container for production variant AllTraffic did not pass the ping health check. Please check ' +
  'CloudWatch logs for this endpoint.';

function reasonOf(error: unknown): string {
  if (error instanceof NotServed) return noPing;
  return error instanceof Error ? error.message : String(error);
}
