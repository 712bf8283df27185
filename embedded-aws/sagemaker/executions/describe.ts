import type { JsonObject } from '../../contracts.ts';
import { readDefinition } from '../definition/read.ts';
import { defined, seconds, text } from '../json.ts';
import { createdWithin, ordered, pageAnswer, pageOf } from '../paging.ts';
import { definitionAnswer, pipelineOf, versionOf } from '../pipelines.ts';
import type { Call, Operation } from '../service.ts';
import type { ExecutionRecord, StepRecord } from '../state.ts';
import { validationError } from '../errors.ts';
import type { StepDefinition } from '../definition/definition.ts';
import { executionOf } from './stop.ts';

export const describePipelineExecution: Operation = (input, call) => {
  const execution = executionOf(input, call);
  return defined({
    PipelineArn: execution.pipelineArn,
    PipelineExecutionArn: execution.arn,
    PipelineExecutionDisplayName: execution.displayName,
    PipelineExecutionStatus: statusAnswer(execution, call),
    PipelineExecutionDescription: execution.description,
    PipelineExperimentConfig: execution.experiment,
    FailureReason: execution.failureReason,
    CreationTime: seconds(execution.createdMs),
    LastModifiedTime: seconds(execution.modifiedMs),
    CreatedBy: execution.createdBy,
    LastModifiedBy: execution.modifiedBy,
    ParallelismConfiguration:
      execution.parallelSteps === undefined ? undefined : { MaxParallelExecutionSteps: execution.parallelSteps },
    SelectiveExecutionConfig: selectiveAnswer(execution),
    PipelineVersionId: call.service.answers.is('execution-version', 'told') ? execution.versionId : undefined,
  });
};

/** Clients meet statuses that nobody has told them of: CompletedWithFailures came without a word. */
function statusAnswer({ status }: ExecutionRecord, { service }: Call): string {
  if (status === 'Succeeded') return service.answers.get('success-status');
  return status === 'Failed' ? service.answers.get('failure-status') : status;
}

function selectiveAnswer(execution: ExecutionRecord): JsonObject | undefined {
  if (execution.selective === undefined) return undefined;
  return defined({
    SourcePipelineExecutionArn: execution.selective.sourceArn,
    SelectedSteps: execution.selective.steps.map((StepName) => ({ StepName })),
  });
}

/** Steps that have started (or whose result was taken over); the newest first by default. */
export const listPipelineExecutionSteps: Operation = (input, call) => {
  if (text(input, 'PipelineExecutionArn') === undefined) {
    throw validationError('PipelineExecutionArn is required to list the steps of an execution.');
  }
  const execution = executionOf(input, call);
  const declared = new Map(definitionOf(execution, call).map((step) => [step.name, step]));
  const sorted = ordered(execution.steps, input, { defaultOrder: 'Descending' });
  const page = pageOf(sorted, input, { keyOf: (step) => step.name, pageSize: 20, call });
  const items = page.items.map((step) => stepAnswer(step, declared.get(step.name), call));
  return pageAnswer('PipelineExecutionSteps', { ...page, items });
};

function definitionOf(execution: ExecutionRecord, call: Call): readonly StepDefinition[] {
  return readDefinition(definitionText(execution, call)).steps;
}

function definitionText(execution: ExecutionRecord, call: Call): string {
  return versionOf(pipelineOf(execution.pipelineArn, call), execution.versionId).definition;
}

function stepAnswer(step: StepRecord, declared: StepDefinition | undefined, call: Call): JsonObject {
  const empty = call.service.answers.is('cache-hit', 'empty') && step.endedMs !== undefined;
  return defined({
    StepName: step.name,
    StepDisplayName: declared?.displayName,
    StepDescription: declared?.description,
    StartTime: seconds(step.startedMs),
    EndTime: step.endedMs === undefined ? undefined : seconds(step.endedMs),
    StepStatus: step.status,
    CacheHitResult: sourceOf(step.cacheHitArn ?? (empty ? '' : undefined)),
    FailureReason: step.failureReason,
    Metadata: step.metadata ?? {},
    AttemptCount: step.attempts,
    SelectiveExecutionResult: sourceOf(step.selectiveSourceArn),
  });
}

function sourceOf(arn: string | undefined): JsonObject | undefined {
  return arn === undefined ? undefined : { SourcePipelineExecutionArn: arn };
}

export const listPipelineExecutions: Operation = (input, call) => {
  const pipeline = pipelineOf(text(input, 'PipelineName') ?? '', call);
  const found = Object.values(call.region.executions).filter(
    (execution) =>
      execution.pipelineArn === pipeline.arn &&
      createdWithin(input, { after: 'CreatedAfter', before: 'CreatedBefore' }, execution.createdMs),
  );
  const sorted = ordered(found, input, {
    defaultOrder: 'Descending',
    ...(text(input, 'SortBy') === 'PipelineExecutionArn' ? { nameOf: (item: ExecutionRecord) => item.arn } : {}),
  });
  const page = pageOf(sorted, input, { keyOf: (execution) => execution.arn, pageSize: 10, call });
  return pageAnswer('PipelineExecutionSummaries', {
    ...page,
    items: page.items.map((item) => executionSummary(item, call)),
  });
};

function executionSummary(execution: ExecutionRecord, call: Call): JsonObject {
  return defined({
    PipelineExecutionArn: execution.arn,
    StartTime: seconds(execution.createdMs),
    PipelineExecutionStatus: statusAnswer(execution, call),
    PipelineExecutionDescription: execution.description,
    PipelineExecutionDisplayName: execution.displayName,
    PipelineExecutionFailureReason: execution.failureReason,
  });
}

export const describePipelineDefinitionForExecution: Operation = (input, call) => {
  const execution = executionOf(input, call);
  const version = versionOf(pipelineOf(execution.pipelineArn, call), execution.versionId);
  const PipelineDefinition = definitionAnswer(version.definition, call.service.answers.get('execution-definition'));
  return { PipelineDefinition, CreationTime: seconds(version.createdMs) };
};
