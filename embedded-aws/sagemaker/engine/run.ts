import type { RequestContext } from '../../contracts.ts';
import type { Definition, StepDefinition } from '../definition/definition.ts';
import type { Scope } from '../definition/resolve.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { type Call, callFor, type Service } from '../service.ts';
import type { ExecutionRecord, PipelineRecord, StepRecord } from '../state.ts';
import { readPropertyFile } from './property-file.ts';

/** One execution while it runs. */
export type Run = {
  readonly service: Service;
  readonly jobs: Jobs;
  /** Of who started it: its steps act in that region and account. */
  readonly context: RequestContext;
  readonly pipeline: PipelineRecord;
  readonly execution: ExecutionRecord;
  readonly definition: Definition;
  /** Aborted by a stop. */
  readonly signal: AbortSignal;
};

/** The attempt at a step failed; `exceptionType` is what a retry policy can name (`Step.THROTTLING`). */
export class StepFailure extends Error {
  readonly exceptionType: string | undefined;

  constructor(reason: string, exceptionType?: string) {
    super(reason);
    this.exceptionType = exceptionType;
  }
}

/** The execution is being stopped. */
export class StepStopped extends Error {}

export function callOf(run: Run): Call {
  return callFor(run.service, run.context);
}

/** Notes a change of the execution and keeps it. */
export function keep(run: Run): void {
  run.execution.modifiedMs = run.service.clock.nowMs();
  run.service.state.saveQuietly(run.context.region);
}

export function recordOf(execution: ExecutionRecord, step: string): StepRecord | undefined {
  return execution.steps.find((record) => record.name === step);
}

export function hasSucceeded(execution: ExecutionRecord, step: string): boolean {
  return recordOf(execution, step)?.status === 'Succeeded';
}

/** The steps that this execution runs itself. */
export function selectedSteps(run: Pick<Run, 'definition' | 'execution'>): readonly StepDefinition[] {
  const selected = run.execution.selective?.steps;
  return run.definition.steps.filter((step) => selected === undefined || selected.includes(step.name));
}

export function scopeOf(run: Run): Scope {
  return {
    parameters: new Map(run.execution.parameters.map(({ name, value }) => [name, value])),
    execution: executionVariablesOf(run.execution, run.pipeline.name, run.service.clock.nowMs()),
    stepProperties: (step) => recordOf(run.execution, step)?.properties,
    propertyFile: (step, file) => readPropertyFile(run, step, file),
  };
}

export function executionVariablesOf(
  execution: Pick<ExecutionRecord, 'id' | 'arn' | 'pipelineArn' | 'createdMs'>,
  pipelineName: string,
  nowMs: number,
): Record<string, string> {
  return {
    PipelineName: pipelineName,
    PipelineArn: execution.pipelineArn,
    PipelineExecutionId: execution.id,
    PipelineExecutionArn: execution.arn,
    StartDateTime: new Date(execution.createdMs).toISOString(),
    CurrentDateTime: new Date(nowMs).toISOString(),
  };
}
