import { join } from 'node:path';
import type { Answers } from './answers.ts';
import { createAnswerBook } from './answers.ts';
import type { Clock, LogSink, ObjectStore } from './contracts.ts';
import type { Fault } from './faults.ts';
import { createFaultPlan, STEPS } from './faults.ts';
import { answerCall } from './http/answer.ts';
import { stepError } from './http/fault-reply.ts';
import { control, isControl } from './http/control.ts';
import { createJsonFront } from './http/json-front.ts';
import { listen } from './http/listen.ts';
import type { RecordedRequest } from './http/recorder.ts';
import { createRecorder } from './http/recorder.ts';
import { openLogBook } from './logs/log-book.ts';
import { createLogsService } from './logs/service.ts';
import { createS3Front } from './s3/front.ts';
import { createObjectStore } from './s3/object-store.ts';
import { S3Store } from './s3/store.ts';
import { createSageMaker } from './sagemaker/index.ts';
import type { StateFolder } from './state/folder.ts';
import { openStateFolder } from './state/folder.ts';
import { folderStateFile, memoryStateFile } from './state/state-files.ts';
import { createCallerBook } from './sts/callers.ts';
import { createStsFront } from './sts/front.ts';

export interface EmbeddedAwsOptions {
  /** 0, the default, takes any free one. */
  readonly port?: number;
  /** Where everything is kept; a temporary folder, removed on close, where it is left out. */
  readonly stateFolder?: string;
  /** 12 digits; 123456789012 where it is left out. */
  readonly accountId?: string;
  readonly faults?: readonly Fault[];
  /** Answers in another form than the standard one. */
  readonly answers?: Answers;
  /** The interpreter that runs the scripts of processing jobs; `python3` where it is left out. */
  readonly python?: string;
  readonly clock?: Clock;
  /** Retry policies of steps wait this many times shorter; 1 where it is left out. */
  readonly retryTimeScale?: number;
  /** Phases of load tests last this many times shorter; 60 where it is left out: a minute is a second. */
  readonly loadTimeScale?: number;
  /** How long the model server of a load test may take until it answers; 300 seconds where it is left out. */
  readonly loadStartSeconds?: number;
}

export interface EmbeddedAws {
  /** `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL`. */
  readonly url: string;
  readonly port: number;
  readonly store: ObjectStore;
  readonly logs: LogSink;
  /** All requests so far, in order of arrival, those that are still running included. */
  requests(): readonly RecordedRequest[];
  /** Replaces the faults and counts calls from 1 again. */
  setFaults(faults: readonly Fault[]): void;
  /** Replaces the switched answers; `{}` is the standard form of all. */
  setAnswers(answers: Answers): void;
  /** Ends running jobs and connections. State in a given folder stays. */
  close(): Promise<void>;
}

const SYSTEM_CLOCK: Clock = { nowMs: () => Date.now() };

/** @throws Error where the port is taken, or the state folder is in use or unreadable */
export async function startEmbeddedAws(options: EmbeddedAwsOptions = {}): Promise<EmbeddedAws> {
  const folder = openStateFolder(options.stateFolder);
  try {
    return await serve(options, folder);
  } catch (error) {
    folder.release();
    throw error;
  }
}

async function serve(options: EmbeddedAwsOptions, folder: StateFolder): Promise<EmbeddedAws> {
  let url = '';
  const { s3, store, logs, sageMaker, ...parts } = openServices(options, folder.path, () => url);
  const fronts = [
    createJsonFront([sageMaker, createLogsService(logs)]),
    createStsFront(parts.callers, parts.clock),
    createS3Front(s3),
  ];
  const listener = await listen(options.port ?? 0, async (request) => {
    if (isControl(request)) return { kind: 'reply', reply: await control(request, parts) };
    const front = fronts.find((candidate) => candidate.isMine(request));
    if (front === undefined) throw new Error('S3 takes every request');
    return answerCall(await front.open(request), request, parts);
  });
  url = `http://127.0.0.1:${listener.port}`;
  let closing: Promise<void> | undefined;
  const close = async () => {
    await listener.close();
    await sageMaker.close();
    logs.close();
    s3.close();
    folder.release();
  };
  return {
    url,
    port: listener.port,
    store,
    logs,
    requests: () => parts.recorder.requests(),
    setFaults: (faults) => parts.faults.set(faults),
    setAnswers: (answers) => parts.answers.set(answers),
    close: () => (closing ??= close()),
  };
}

/** Everything that is behind the door. */
function openServices(options: EmbeddedAwsOptions, folder: string, endpointUrl: () => string) {
  const clock = options.clock ?? SYSTEM_CLOCK;
  const accountId = options.accountId ?? '123456789012';
  const answers = createAnswerBook(options.answers);
  const s3 = new S3Store(join(folder, 's3'), { clock, ownerId: accountId, answers });
  const logs = openLogBook(join(folder, 'logs'), clock);
  const store = createObjectStore(s3);
  const faults = createFaultPlan(options.faults ?? []);
  const sageMaker = createSageMaker({
    store,
    logs,
    state: options.stateFolder === undefined ? memoryStateFile() : folderStateFile(join(folder, 'state')),
    clock,
    answers,
    accountId,
    ...(options.python === undefined ? {} : { python: options.python }),
    ...(options.retryTimeScale === undefined ? {} : { retryTimeScale: options.retryTimeScale }),
    ...(options.loadTimeScale === undefined ? {} : { loadTimeScale: options.loadTimeScale }),
    ...(options.loadStartSeconds === undefined ? {} : { loadStartSeconds: options.loadStartSeconds }),
    workFolder: join(folder, 'jobs'),
    endpointUrl,
    stepFault: (operation) => stepError(faults.next(STEPS, operation).fault),
  });
  const callers = createCallerBook(accountId, clock);
  return { s3, store, logs, sageMaker, faults, answers, callers, clock, recorder: createRecorder(clock) };
}
