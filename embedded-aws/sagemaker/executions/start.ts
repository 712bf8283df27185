import type { Json, JsonObject } from '../../contracts.ts';
import type { Definition } from '../definition/definition.ts';
import { readDefinition } from '../definition/read.ts';
import { resolve } from '../definition/resolve.ts';
import type { Engine } from '../engine/engine.ts';
import { executionVariablesOf } from '../engine/run.ts';
import { limitExceeded } from '../errors.ts';
import { randomId } from '../ids.ts';
import { isObject, number, text } from '../json.ts';
import { maxParallelSteps, pipelineOf, versionOf } from '../pipelines.ts';
import { type Call, callerIdentity, type Operation, once, save } from '../service.ts';
import type { ExecutionRecord, PipelineRecord, PipelineVersion } from '../state.ts';
import { type Parameters, readStartParameters } from './parameters.ts';
import { readSelection, type Selection } from './selective.ts';

/** SageMaker's limit of executions that run at the same time in a region. */
const mostConcurrentExecutions = 20;

export function startPipelineExecution(engine: Engine): Operation {
  return (input, call) => {
    const pipeline = pipelineOf(text(input, 'PipelineName') ?? '', call);
    const asked = number(input, 'PipelineVersionId');
    const version = versionOf(pipeline, call.service.answers.is('start-version', 'taken') ? asked : undefined);
    const arn = once(input, call, {
      operation: 'StartPipelineExecution',
      token: 'ClientRequestToken',
      exists: (earlier) => Object.hasOwn(call.region.executions, earlier),
      make: () => {
        const definition = readDefinition(version.definition);
        const parameters = readStartParameters(input, definition);
        const selection = readSelection(input, { definition, pipeline, version }, call);
        refuseTooMany(call);
        const execution = makeExecution(input, { pipeline, version, definition, parameters, selection }, call);
        engine.launch({ execution, pipeline, definition, context: call.context });
        return execution.arn;
      },
    });
    save(call);
    return { PipelineExecutionArn: arn };
  };
}

function refuseTooMany(call: Call): void {
  const running = Object.values(call.region.executions).filter(
    (execution) => execution.status === 'Executing' || execution.status === 'Stopping',
  );
  if (running.length >= mostConcurrentExecutions) {
    throw limitExceeded('Number of concurrent pipeline executions', mostConcurrentExecutions);
  }
}

type Parts = {
  readonly pipeline: PipelineRecord;
  readonly version: PipelineVersion;
  readonly definition: Definition;
  readonly parameters: Parameters;
  readonly selection: Selection | undefined;
};

function makeExecution(input: JsonObject, parts: Parts, call: Call): ExecutionRecord {
  const { pipeline, parameters, selection } = parts;
  const id = randomId(12);
  const arn = `${pipeline.arn}/execution/${id}`;
  const description = text(input, 'PipelineExecutionDescription');
  const parallelSteps = maxParallelSteps(input);
  const known = { id, arn, pipelineArn: pipeline.arn, createdMs: call.nowMs };
  const experiment = experimentOf(parts, executionVariablesOf(known, pipeline.name, call.nowMs));
  const execution: ExecutionRecord = {
    ...known,
    versionId: parts.version.id,
    displayName: text(input, 'PipelineExecutionDisplayName') ?? `execution-${call.nowMs}`,
    ...(description === undefined ? {} : { description }),
    status: 'Executing',
    modifiedMs: call.nowMs,
    createdBy: callerIdentity(call.context),
    modifiedBy: callerIdentity(call.context),
    ...parameters,
    ...(parallelSteps === undefined ? {} : { parallelSteps }),
    ...(selection === undefined ? {} : { selective: selection.selective }),
    ...(experiment === undefined ? {} : { experiment }),
    steps: [...(selection?.reused ?? [])],
  };
  call.region.executions[arn] = execution;
  pipeline.lastRunMs = call.nowMs;
  return execution;
}

function experimentOf(parts: Parts, execution: Record<string, string>): JsonObject | undefined {
  if (parts.definition.experiment === undefined) return undefined;
  const resolved: Json = resolve(parts.definition.experiment, {
    parameters: new Map(parts.parameters.parameters.map(({ name, value }) => [name, value])),
    execution,
    stepProperties: () => undefined,
    propertyFile: () => null,
  });
  return isObject(resolved) ? resolved : undefined;
}
