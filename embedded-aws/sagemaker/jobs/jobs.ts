import { AwsError, type JsonObject, type RequestContext } from '../../contracts.ts';
import { notFound } from '../errors.ts';
import { arnOf, findByArn, nameInArn } from '../ids.ts';
import { pick, seconds, text } from '../json.ts';
import { type Call, type Operation, type Service, save } from '../service.ts';
import type { JobRecord } from '../state.ts';
import { putTags, tagsOf } from '../tags.ts';
import { checkJob } from './check.ts';
import { killGroup } from './process.ts';
import { maxRuntimeSeconds, runJob } from './run.ts';

/** The processing jobs that run now. */
export type Jobs = {
  create(input: JsonObject, call: Call): JobRecord;
  /** Resolves when the job has ended, at once where it is not running. */
  ended(arn: string): Promise<void>;
  stop(arn: string): void;
  /** Kills all and waits for them. */
  close(): Promise<void>;
};

type Running = { readonly job: JobRecord; readonly controller: AbortController; readonly done: Promise<void> };

export function openJobs(service: Service): Jobs {
  const running = new Map<string, Running>();
  const groups = new Set<number>();
  const killAll = () => {
    for (const pid of groups) killGroup(pid, 'SIGKILL');
  };
  // Groups of their own outlive this process; a Ctrl-C would leave them behind.
  process.on('exit', killAll);

  const launch = (job: JobRecord, context: RequestContext): void => {
    const controller = new AbortController();
    const keep = () => service.state.saveQuietly(context.region);
    const onStart = () => {
      job.startedMs = service.clock.nowMs();
      job.modifiedMs = job.startedMs;
      keep();
    };
    const done = runJob({ service, context, job, signal: controller.signal, groups, onStart }).then((outcome) => {
      Object.assign(job, outcome);
      job.endedMs = service.clock.nowMs();
      job.modifiedMs = job.endedMs;
      running.delete(job.arn);
      keep();
    });
    running.set(job.arn, { job, controller, done });
  };

  return {
    create(input, call) {
      const job = makeJob(input, call);
      launch(job, call.context);
      return job;
    },
    async ended(arn) {
      await running.get(arn)?.done;
    },
    stop(arn) {
      const found = running.get(arn);
      if (found === undefined) return;
      found.job.status = 'Stopping';
      found.controller.abort();
    },
    async close() {
      for (const { job, controller } of running.values()) {
        job.status = 'Stopping';
        controller.abort();
      }
      await Promise.all([...running.values()].map((item) => item.done));
      process.off('exit', killAll);
    },
  };
}

function makeJob(input: JsonObject, call: Call): JobRecord {
  const name = text(input, 'ProcessingJobName') ?? '';
  const arn = arnOf(call.context, 'processing-job', nameInArn(name, call.service.answers));
  if (findByArn(call.region.jobs, arn) !== undefined) {
    throw new AwsError(
      'ResourceInUse',
      `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
    );
  }
  tagsOf(input);
  checkJob(input, call);
  const job: JobRecord = { arn, name, input, status: 'InProgress', createdMs: call.nowMs, modifiedMs: call.nowMs };
  call.region.jobs[arn] = job;
  putTags(input, arn, call);
  save(call);
  return job;
}

export function createProcessingJob(jobs: Jobs): Operation {
  return (input, call) => ({ ProcessingJobArn: jobs.create(input, call).arn });
}

function jobOf(input: JsonObject, call: Call): JobRecord {
  const name = text(input, 'ProcessingJobName') ?? '';
  const job = findByArn(call.region.jobs, arnOf(call.context, 'processing-job', name));
  const exact = call.service.answers.is('describe-names', 'exact');
  if (job === undefined || (exact && name !== job.name)) {
    throw notFound(`Could not find requested job with name: ${name}`);
  }
  return job;
}

export const describeProcessingJob: Operation = (input, call) => {
  const { ExitMessage, ...answer } = jobAnswer(jobOf(input, call));
  if (ExitMessage === undefined || call.service.answers.is('exit-message', 'untold')) return answer;
  return { ...answer, ExitMessage };
};

/** Stopping what has ended, or is being stopped, changes nothing. */
export function stopProcessingJob(jobs: Jobs): Operation {
  return (input, call) => {
    jobs.stop(jobOf(input, call).arn);
    save(call);
    return {};
  };
}

/** Its name is free again; what it wrote, and its log, stay. */
export const deleteProcessingJob: Operation = (input, call) => {
  const job = jobOf(input, call);
  if (job.status === 'InProgress' || job.status === 'Stopping') {
    throw new AwsError('ResourceInUse', `Processing job ${job.arn} is ${job.status}. Stop it, and wait for its end.`);
  }
  delete call.region.jobs[job.arn];
  delete call.region.tags[job.arn];
  save(call);
  return {};
};

const described = [
  'ProcessingInputs',
  'ProcessingOutputConfig',
  'ProcessingJobName',
  'ProcessingResources',
  'AppSpecification',
  'Environment',
  'NetworkConfig',
  'RoleArn',
  'ExperimentConfig',
];

export function jobAnswer(job: JobRecord): JsonObject {
  return {
    ...pick(job.input, described),
    StoppingCondition: { MaxRuntimeInSeconds: maxRuntimeSeconds(job) },
    ProcessingJobArn: job.arn,
    ProcessingJobStatus: job.status,
    CreationTime: seconds(job.createdMs),
    LastModifiedTime: seconds(job.modifiedMs),
    ...(job.startedMs === undefined ? {} : { ProcessingStartTime: seconds(job.startedMs) }),
    ...(job.endedMs === undefined ? {} : { ProcessingEndTime: seconds(job.endedMs) }),
    ...(job.failureReason === undefined ? {} : { FailureReason: job.failureReason }),
    ...(job.exitMessage === undefined ? {} : { ExitMessage: job.exitMessage }),
  };
}
