import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnswerBook, createAnswerBook } from '../answers.ts';
import type { AwsError, Clock, JsonService, LogSink, ObjectStore, StateFile } from '../contracts.ts';
import { openEngine } from './engine/engine.ts';
import { openJobs } from './jobs/jobs.ts';
import { openRecommender } from './recommender/recommender.ts';
import { operationsOf } from './operations.ts';
import { callFor, type Service } from './service.ts';
import { openState } from './state.ts';
import { validateRequest } from './validate.ts';

export type SageMakerDependencies = {
  readonly store: ObjectStore;
  readonly logs: LogSink;
  readonly state: StateFile;
  readonly clock: Clock;
  /** Answers in another form than the standard one. */
  readonly answers?: AnswerBook;
  /** Interpreter of jobs whose entry point is `python3`; the one on the PATH by default. */
  readonly python?: string;
  /** Account of callers whose context names none. */
  readonly accountId: string;
  /**
   * Where jobs have their work folders; in the system's temp folder by default. It belongs to this server alone: what
   * an earlier one left in it is removed.
   */
  readonly workFolder?: string;
  /** URL of the server for the processes of jobs; asked when a job starts, as the port is known late. */
  readonly endpointUrl?: () => string | undefined;
  /** Retry policies wait this many times shorter (default 1). */
  readonly retryTimeScale?: number;
  /** Phases of load tests last this many times shorter (default 60: a minute is a second). */
  readonly loadTimeScale?: number;
  /** How long the model server of a load test may take until it answers pings (default 300). */
  readonly loadStartSeconds?: number;
  /** From SIGTERM to SIGKILL when a job is stopped (default 2 seconds). */
  readonly killGraceMs?: number;
  /** Faults of the calls that steps make, by operation; the front's own faults do not reach those. */
  readonly stepFault?: (operation: string) => AwsError | undefined;
};

export type SageMaker = JsonService & {
  /** Kills the processes of jobs that run and waits for them; executions cut off that way have failed. */
  close(): Promise<void>;
};

/** SageMaker's pipelines, processing jobs and model registry, for all regions. */
export function createSageMaker(dependencies: SageMakerDependencies): SageMaker {
  if (dependencies.workFolder !== undefined) rmSync(dependencies.workFolder, { recursive: true, force: true });
  const service: Service = {
    store: dependencies.store,
    logs: dependencies.logs,
    clock: dependencies.clock,
    answers: dependencies.answers ?? createAnswerBook(),
    state: openState(dependencies.state),
    options: {
      python: dependencies.python ?? 'python3',
      workFolder: dependencies.workFolder ?? join(tmpdir(), `embedded-aws-jobs-${process.pid}`),
      endpointUrl: dependencies.endpointUrl ?? (() => undefined),
      retryTimeScale: dependencies.retryTimeScale ?? 1,
      killGraceMs: dependencies.killGraceMs ?? 2000,
      loadTimeScale: dependencies.loadTimeScale ?? 60,
      loadStartSeconds: dependencies.loadStartSeconds ?? 300,
      stepFault: dependencies.stepFault ?? (() => undefined),
    },
  };
  const jobs = openJobs(service);
  const engine = openEngine(service, jobs);
  const recommender = openRecommender(service);
  const operations = operationsOf({ engine, jobs, recommender });
  return {
    targetPrefix: 'SageMaker',
    async handle(name, input, context) {
      validateRequest(name, input);
      const operation = operations[name];
      if (operation === undefined) throw new Error(`The operation ${name} has constraints and no implementation`);
      const accountId = context.accountId === '' ? dependencies.accountId : context.accountId;
      return await operation(input, callFor(service, { ...context, accountId }));
    },
    async close() {
      await engine.close();
      await recommender.close();
      await jobs.close();
    },
  };
}
