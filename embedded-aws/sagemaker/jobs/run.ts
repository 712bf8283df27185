import { mkdir, mkdtemp, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { RequestContext } from '../../contracts.ts';
import { number, object } from '../json.ts';
import type { Service } from '../service.ts';
import type { JobRecord } from '../state.ts';
import { commandOf, furnishContainer } from './container.ts';
import { runProcess } from './process.ts';
import { removeFolder } from './remove.ts';
import { downloadInputs, messageOf, type Transfer, TransferError, uploadOutputs } from './transfer.ts';

/** SageMaker's default of MaxRuntimeInSeconds for processing jobs. */
const defaultRuntimeSeconds = 86_400;

/** SageMaker keeps this much of `/opt/ml/output/message`. */
const longestMessageBytes = 1024;

export type JobRun = {
  readonly service: Service;
  readonly context: RequestContext;
  readonly job: JobRecord;
  readonly signal: AbortSignal;
  readonly groups: Set<number>;
  readonly onStart: () => void;
};

export type JobOutcome = {
  readonly status: 'Completed' | 'Failed' | 'Stopped';
  readonly failureReason?: string;
  readonly exitMessage?: string;
};

/** The whole job, in a folder that is removed afterwards. Never rejects: what goes wrong is the job's failure. */
export async function runJob(run: JobRun): Promise<JobOutcome> {
  let root: string | undefined;
  try {
    await mkdir(run.service.options.workFolder, { recursive: true });
    root = await realpath(await mkdtemp(join(run.service.options.workFolder, 'job-')));
    return await runIn(root, run);
  } catch (error) {
    if (run.signal.aborted) return { status: 'Stopped' };
    const reason = error instanceof TransferError ? error.message : `InternalServerError: ${messageOf(error)}`;
    return { status: 'Failed', failureReason: reason };
  } finally {
    if (root !== undefined) await removeFolder(root);
  }
}

async function runIn(root: string, run: JobRun): Promise<JobOutcome> {
  const { service, job } = run;
  const transfer: Transfer = { service, region: run.context.region, root, signal: run.signal };
  const log = logOf(run);
  await downloadInputs(job, transfer);
  await furnishContainer(root, job);
  run.signal.throwIfAborted();
  const command = commandOf(job, {
    root,
    python: service.options.python,
    ...(service.answers.is('job-region', 'set') ? { region: run.context.region } : {}),
    endpointUrl: service.options.endpointUrl(),
  });
  if (command === undefined) {
    throw new TransferError('ClientError: The embedded AWS has no images: a job must name its ContainerEntrypoint.');
  }
  const instances = number(
    object(object(job.input, 'ProcessingResources') ?? {}, 'ClusterConfig') ?? {},
    'InstanceCount',
  );
  if (instances !== undefined && instances > 1) log(`The embedded AWS runs 1 of ${instances} instances: algo-1.`);
  const limitSeconds = maxRuntimeSeconds(job);
  run.onStart();
  const ended = await runProcess(command, {
    cwd: root,
    onLine: log,
    signal: run.signal,
    graceMs: service.options.killGraceMs,
    timeoutMs: limitSeconds * 1000,
    groups: run.groups,
  });
  const message = await readMessage(root);
  const outcome = await outcomeOf(ended, { run, limitSeconds, upload: () => uploadOutputs(job, transfer) });
  return { ...outcome, ...(message === undefined ? {} : { exitMessage: message }) };
}

async function outcomeOf(
  ended: { exitCode: number; timedOut: boolean },
  of: { run: JobRun; limitSeconds: number; upload: () => Promise<void> },
): Promise<JobOutcome> {
  if (of.run.signal.aborted) return { status: 'Stopped' };
  if (ended.timedOut) {
    const failureReason = `ClientError: Job ran longer than its MaxRuntimeInSeconds of ${of.limitSeconds} seconds and was stopped.`;
    return { status: 'Stopped', failureReason };
  }
  if (ended.exitCode !== 0) {
    return { status: 'Failed', failureReason: `AlgorithmError: , exit code: ${ended.exitCode}` };
  }
  try {
    await of.upload();
    return { status: 'Completed' };
  } catch (error) {
    if (of.run.signal.aborted) return { status: 'Stopped' };
    return { status: 'Failed', failureReason: messageOf(error) };
  }
}

export function maxRuntimeSeconds(job: JobRecord): number {
  return number(object(job.input, 'StoppingCondition') ?? {}, 'MaxRuntimeInSeconds') ?? defaultRuntimeSeconds;
}

function logOf(run: JobRun): (line: string) => void {
  const startedSeconds = Math.floor(run.service.clock.nowMs() / 1000);
  const stream = `${run.job.name}/algo-1-${startedSeconds}`;
  return (line) => {
    // CloudWatch Logs takes no empty messages.
    if (line === '') return;
    const event = { atMs: run.service.clock.nowMs(), message: line };
    run.service.logs.append(run.context, '/aws/sagemaker/ProcessingJobs', stream, [event]);
  };
}

/** The first kilobyte of the message file, whole characters only; undefined when there is none, or an empty one. */
async function readMessage(root: string): Promise<string | undefined> {
  const file = await open(join(root, 'opt/ml/output/message')).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(longestMessageBytes), 0, longestMessageBytes, 0);
    return new StringDecoder('utf8').write(buffer.subarray(0, bytesRead)) || undefined;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}
