import type { JsonObject } from '../../contracts.ts';
import type { Engine } from '../engine/engine.ts';
import { conflict, notFound } from '../errors.ts';
import { text } from '../json.ts';
import { type Call, callerIdentity, type Operation, save } from '../service.ts';
import type { ExecutionRecord } from '../state.ts';

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
      execution.status = 'Stopping';
      execution.modifiedMs = call.nowMs;
      execution.modifiedBy = callerIdentity(call.context);
      save(call);
      engine.stop(execution.arn);
    } else if (execution.status !== 'Stopping') {
      throw conflict(`Only an execution that is Executing can be stopped; ${execution.arn} is ${execution.status}.`);
    }
    return { PipelineExecutionArn: execution.arn };
  };
}
