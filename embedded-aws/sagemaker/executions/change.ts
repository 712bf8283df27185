/** Stop, retry and update of executions. */
import type { JsonObject } from '../../contracts.ts';
import { readDefinition } from '../definition/read.ts';
import type { Engine } from '../engine/engine.ts';
import { conflict, notFound } from '../errors.ts';
import { text } from '../json.ts';
import { maxParallelSteps, pipelineOf, versionOf } from '../pipelines.ts';
import { type Call, callerIdentity, type Operation, save } from '../service.ts';
import type { ExecutionRecord } from '../state.ts';
import { refuseTooMany } from './start.ts';

export function executionOf(input: JsonObject, call: Call): ExecutionRecord {
  const arn = text(input, 'PipelineExecutionArn') ?? '';
  const execution = call.region.executions[arn];
  if (execution === undefined) throw notFound(`Pipeline execution ${arn} does not exist.`);
  return execution;
}

/** Stopping what is being stopped already changes nothing. */
export function stopPipelineExecution(engine: Engine): Operation {
  return (input, call) => {
    const execution = executionOf(input, call);
    if (execution.status === 'Executing') {
      changed(execution, call).status = 'Stopping';
      save(call);
      engine.stop(execution.arn);
    } else if (execution.status !== 'Stopping') {
      throw conflict(`Only an execution that is Executing can be stopped; ${execution.arn} is ${execution.status}.`);
    }
    return { PipelineExecutionArn: execution.arn };
  };
}

/** The same execution goes on: what succeeded stays, the rest runs (again). */
export function retryPipelineExecution(engine: Engine): Operation {
  return (input, call) => {
    const execution = executionOf(input, call);
    if (execution.status !== 'Failed' && execution.status !== 'Stopped') {
      throw conflict(`Only a Failed or Stopped execution can be retried; ${execution.arn} is ${execution.status}.`);
    }
    refuseTooMany(call);
    const pipeline = pipelineOf(execution.pipelineArn, call);
    const definition = readDefinition(versionOf(pipeline, execution.versionId).definition);
    const parallelSteps = maxParallelSteps(input);
    if (parallelSteps !== undefined) execution.parallelSteps = parallelSteps;
    execution.steps = execution.steps.filter((step) => step.status === 'Succeeded');
    delete execution.failureReason;
    changed(execution, call).status = 'Executing';
    save(call);
    engine.launch({ execution, pipeline, definition, context: call.context });
    return { PipelineExecutionArn: execution.arn };
  };
}

export const updatePipelineExecution: Operation = (input, call) => {
  const execution = changed(executionOf(input, call), call);
  execution.displayName = text(input, 'PipelineExecutionDisplayName') ?? execution.displayName;
  const description = text(input, 'PipelineExecutionDescription');
  if (description !== undefined) execution.description = description;
  const parallelSteps = maxParallelSteps(input);
  if (parallelSteps !== undefined) execution.parallelSteps = parallelSteps;
  save(call);
  return { PipelineExecutionArn: execution.arn };
};

function changed(execution: ExecutionRecord, call: Call): ExecutionRecord {
  execution.modifiedMs = call.nowMs;
  execution.modifiedBy = callerIdentity(call.context);
  return execution;
}
