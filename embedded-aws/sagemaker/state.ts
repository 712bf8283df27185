/**
 * All that is kept, per region. Records are plain JSON, so that a region is saved as it is. Times are milliseconds
 * since 1970, keys are ARNs (of this account or another).
 */
import type { JsonObject, StateFile } from '../contracts.ts';

export type PipelineVersion = {
  readonly id: number;
  readonly definition: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly createdMs: number;
};

export type PipelineRecord = {
  readonly arn: string;
  readonly name: string;
  roleArn: string;
  parallelSteps?: number;
  readonly createdMs: number;
  modifiedMs: number;
  lastRunMs?: number;
  readonly createdBy: JsonObject;
  modifiedBy: JsonObject;
  /** Oldest first, never empty; the last one is what a start runs by default. */
  versions: PipelineVersion[];
};

type StepStatus = 'Starting' | 'Executing' | 'Stopping' | 'Stopped' | 'Failed' | 'Succeeded';

/** A step of an execution, from the moment it starts (or its result is taken over from another execution). */
export type StepRecord = {
  readonly name: string;
  status: StepStatus;
  readonly startedMs: number;
  endedMs?: number;
  attempts: number;
  failureReason?: string;
  /** `{"ProcessingJob": {"Arn": "..."}}` and the like. */
  metadata?: JsonObject;
  /** What references to this step are resolved against: the answer of the Describe call. */
  properties?: JsonObject;
  /** Digest of what the step cache compares; only on steps that can be cached. */
  cacheKey?: string;
  cacheHitArn?: string;
  selectiveSourceArn?: string;
};

type ExecutionStatus = 'Executing' | 'Stopping' | 'Stopped' | 'Failed' | 'Succeeded';

export type SelectiveExecution = { readonly steps: string[]; readonly sourceArn?: string };

export type ExecutionRecord = {
  readonly arn: string;
  readonly id: string;
  readonly pipelineArn: string;
  readonly versionId: number;
  displayName: string;
  description?: string;
  status: ExecutionStatus;
  failureReason?: string;
  readonly createdMs: number;
  modifiedMs: number;
  readonly createdBy: JsonObject;
  modifiedBy: JsonObject;
  /** As the start gave them, and (values of their declared types) with the defaults filled in. */
  readonly givenParameters: { Name: string; Value: string }[];
  readonly parameters: { name: string; value: string | number | boolean }[];
  parallelSteps?: number;
  readonly selective?: SelectiveExecution;
  readonly experiment?: JsonObject;
  steps: StepRecord[];
};

export type ModelRecord = { readonly arn: string; readonly input: JsonObject; readonly createdMs: number };

export type GroupRecord = {
  readonly arn: string;
  readonly name: string;
  readonly input: JsonObject;
  readonly createdMs: number;
  readonly createdBy: JsonObject;
  /** Of the next package; numbers of deleted packages are not given out again. */
  nextVersion: number;
};

export type PackageRecord = {
  readonly arn: string;
  readonly name: string;
  readonly group?: { readonly arn: string; readonly name: string; readonly version: number };
  /** The request, changed by later updates. */
  input: JsonObject;
  readonly createdMs: number;
  readonly createdBy: JsonObject;
  modifiedMs?: number;
  modifiedBy?: JsonObject;
};

type JobStatus = 'InProgress' | 'Completed' | 'Failed' | 'Stopping' | 'Stopped';

export type JobRecord = {
  readonly arn: string;
  readonly name: string;
  readonly input: JsonObject;
  status: JobStatus;
  readonly createdMs: number;
  modifiedMs: number;
  startedMs?: number;
  endedMs?: number;
  failureReason?: string;
  exitMessage?: string;
};

type RecommendationsStatus = 'PENDING' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'STOPPING' | 'STOPPED';

/** One load test of an Inference Recommender job: an endpoint on an instance type. */
export type BenchmarkRecord = {
  readonly instanceType: string;
  readonly endpointName: string;
  readonly variantName: string;
  status: RecommendationsStatus;
  startedMs?: number;
  endedMs?: number;
  metrics?: JsonObject;
  failureReason?: string;
};

export type RecommendationsRecord = {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly input: JsonObject;
  status: RecommendationsStatus;
  readonly createdMs: number;
  modifiedMs: number;
  completedMs?: number;
  failureReason?: string;
  readonly benchmarks: BenchmarkRecord[];
};

/** A call with an idempotency token that has been answered. */
type TokenRecord = { readonly requestDigest: string; readonly arn: string };

export type RegionState = {
  pipelines: Record<string, PipelineRecord>;
  executions: Record<string, ExecutionRecord>;
  models: Record<string, ModelRecord>;
  groups: Record<string, GroupRecord>;
  packages: Record<string, PackageRecord>;
  jobs: Record<string, JobRecord>;
  recommendations: Record<string, RecommendationsRecord>;
  tags: Record<string, { Key: string; Value: string }[]>;
  tokens: Record<string, TokenRecord>;
};

export const lostExecutionReason =
  'Internal failure: the embedded AWS was stopped while this execution ran. Start it again.';

export type State = {
  region(name: string): RegionState;
  save(region: string): void;
  /** For what happens between requests: a save that fails is made up for by the next, and must not end the process. */
  saveQuietly(region: string): void;
};

/** State over a StateFile: one JSON value a region, with what the last server left running marked as failed. */
export function openState(file: StateFile): State {
  const regions = new Map<string, RegionState>();
  const save = (name: string): void => {
    const state = regions.get(name);
    if (state !== undefined) file.save(fileName(name), state);
  };
  return {
    region(name) {
      let state = regions.get(name);
      if (state === undefined) {
        const saved = file.load(fileName(name));
        // What is loaded was written by save() below, or by an older version that knew fewer collections.
        state = { ...emptyRegion(), ...(saved as Partial<RegionState> | undefined) };
        failWhatWasRunning(state);
        regions.set(name, state);
      }
      return state;
    },
    save,
    saveQuietly(name) {
      try {
        save(name);
      } catch {
        // A full disk, say. The request that saves next reports it.
      }
    },
  };
}

function fileName(region: string): string {
  return `sagemaker-${region}`;
}

function emptyRegion(): RegionState {
  return {
    pipelines: {},
    executions: {},
    models: {},
    groups: {},
    packages: {},
    jobs: {},
    recommendations: {},
    tags: {},
    tokens: {},
  };
}

function failWhatWasRunning(state: RegionState): void {
  for (const execution of Object.values(state.executions)) {
    if (execution.status !== 'Executing' && execution.status !== 'Stopping') continue;
    execution.status = 'Failed';
    execution.failureReason = lostExecutionReason;
    for (const step of execution.steps) {
      if (step.endedMs !== undefined) continue;
      step.status = 'Failed';
      step.failureReason = lostExecutionReason;
      step.endedMs = execution.modifiedMs;
    }
  }
  for (const job of Object.values(state.jobs)) {
    if (job.status !== 'InProgress' && job.status !== 'Stopping') continue;
    job.status = 'Failed';
    job.failureReason = 'InternalServerError: the embedded AWS was stopped while this job ran.';
    job.endedMs = job.modifiedMs;
  }
  for (const job of Object.values(state.recommendations)) {
    if (job.status === 'COMPLETED' || job.status === 'FAILED' || job.status === 'STOPPED') continue;
    job.status = 'FAILED';
    job.failureReason = 'InternalServerError: the embedded AWS was stopped while this job ran.';
    job.completedMs = job.modifiedMs;
  }
}
