import { join } from 'node:path';
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
import { openStateFolder } from './state/folder.ts';
import { folderStateFile, memoryStateFile } from './state/state-files.ts';
import { createCallerBook } from './sts/callers.ts';
import { createStsFront } from './sts/front.ts';

export type { Fault } from './faults.ts';
export type { RecordedRequest } from './http/recorder.ts';

export interface EmbeddedAwsOptions {
  /** 0, the default, takes any free one. */
  readonly port?: number;
  /** Where everything is kept; a temporary folder, removed on close, where it is left out. */
  readonly stateFolder?: string;
  /** 12 digits; 123456789012 where it is left out. */
  readonly accountId?: string;
  readonly faults?: readonly Fault[];
  /** The interpreter that runs the scripts of processing jobs; `python3` where it is left out. */
  readonly python?: string;
  readonly clock?: Clock;
  /** Retry policies of steps wait this many times shorter; 1 where it is left out. */
  readonly retryTimeScale?: number;
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
  /** Ends running jobs and connections. State in a given folder stays. */
  close(): Promise<void>;
}

const SYSTEM_CLOCK: Clock = { nowMs: () => Date.now() };

/** @throws Error where the port is taken, or the state folder is in use or unreadable */
export async function startEmbeddedAws(options: EmbeddedAwsOptions = {}): Promise<EmbeddedAws> {
  const folder = openStateFolder(options.stateFolder);
  const clock = options.clock ?? SYSTEM_CLOCK;
  const accountId = options.accountId ?? '123456789012';
  const s3 = new S3Store(join(folder.path, 's3'), clock);
  const logs = openLogBook(join(folder.path, 'logs'), clock);
  const store = createObjectStore(s3);
  const callers = createCallerBook(accountId, clock);
  const faults = createFaultPlan(options.faults ?? []);
  const recorder = createRecorder(clock);
  const state = options.stateFolder === undefined ? memoryStateFile() : folderStateFile(join(folder.path, 'state'));
  let url = '';
  const sageMaker = createSageMaker({
    store,
    logs,
    state,
    clock,
    accountId,
    ...(options.python === undefined ? {} : { python: options.python }),
    ...(options.retryTimeScale === undefined ? {} : { retryTimeScale: options.retryTimeScale }),
    workFolder: join(folder.path, 'jobs'),
    endpointUrl: () => url,
    stepFault: (operation) => stepError(faults.next(STEPS, operation).fault),
  });
  const fronts = [
    createJsonFront([sageMaker, createLogsService(logs)]),
    createStsFront(callers, clock),
    createS3Front(s3),
  ];
  const listener = await listen(options.port ?? 0, async (request) => {
    if (isControl(request)) return { kind: 'reply', reply: await control(request, { faults, recorder }) };
    const front = fronts.find((candidate) => candidate.isMine(request));
    if (front === undefined) throw new Error('S3 takes every request');
    return answerCall(await front.open(request), request, { faults, recorder, callers, clock });
  });
  url = `http://127.0.0.1:${listener.port}`;
  return {
    url,
    port: listener.port,
    store,
    logs,
    requests: () => recorder.requests(),
    setFaults: (next) => faults.set(next),
    async close() {
      await listener.close();
      await sageMaker.close();
      logs.close();
      s3.close();
      folder.release();
    },
  };
}
