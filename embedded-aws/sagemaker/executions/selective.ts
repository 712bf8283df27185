import type { JsonObject } from '../../contracts.ts';
import type { Definition } from '../definition/definition.ts';
import { upstreamOf } from '../definition/graph.ts';
import { notFound, validationError } from '../errors.ts';
import { object, objects, text } from '../json.ts';
import type { Call } from '../service.ts';
import type { ExecutionRecord, PipelineRecord, SelectiveExecution, StepRecord } from '../state.ts';

export type Selection = {
  readonly selective: SelectiveExecution;
  /** Results that selected steps need of steps that do not run, as the source execution has them. */
  readonly reused: readonly StepRecord[];
};

/** The SelectiveExecutionConfig of a start, held against the rules of its documentation. */
export function readSelection(
  input: JsonObject,
  of: { definition: Definition; pipeline: PipelineRecord },
  call: Call,
): Selection | undefined {
  const config = object(input, 'SelectiveExecutionConfig');
  if (config === undefined) return undefined;
  const selected = objects(config, 'SelectedSteps').map((step) => text(step, 'StepName') ?? '');
  checkNames(selected, of.definition);
  refuseGaps(selected, of.definition);
  const sourceArn = text(config, 'SourcePipelineExecutionArn');
  const source = sourceArn === undefined ? undefined : sourceOf(sourceArn, of.pipeline, call);
  const needed = of.definition.steps
    .filter((step) => selected.includes(step.name))
    .flatMap((step) => step.needs)
    .filter((need) => !selected.includes(need));
  const reused = [...new Set(needed)].map((name) => reuse(name, source, call));
  return { selective: { steps: selected, ...(sourceArn === undefined ? {} : { sourceArn }) }, reused };
}

function checkNames(selected: readonly string[], definition: Definition): void {
  const seen = new Set<string>();
  for (const name of selected) {
    if (!definition.steps.some((step) => step.name === name)) {
      throw validationError(`The selected step '${name}' is not in the pipeline definition.`);
    }
    if (seen.has(name)) throw validationError(`The step '${name}' is selected twice.`);
    seen.add(name);
  }
}

/** All steps on all paths between two selected steps must be selected too. */
function refuseGaps(selected: readonly string[], definition: Definition): void {
  const upstream = upstreamOf(selected, definition.steps);
  for (const name of upstream) {
    if (selected.includes(name)) continue;
    const above = upstreamOf([name], definition.steps);
    const start = selected.find((item) => above.has(item));
    if (start !== undefined) {
      throw validationError(
        `The selected steps are not connected: step '${name}' lies on a path between selected steps ` +
          `(after '${start}') and must be selected too.`,
      );
    }
  }
}

function sourceOf(arn: string, pipeline: PipelineRecord, call: Call): ExecutionRecord {
  const source = call.region.executions[arn];
  if (source === undefined) throw notFound(`Pipeline execution ${arn} does not exist.`);
  if (source.pipelineArn !== pipeline.arn) {
    throw validationError(`The source execution ${arn} is not an execution of the pipeline ${pipeline.arn}.`);
  }
  if (source.status !== 'Succeeded' && source.status !== 'Failed') {
    throw validationError(`The source execution ${arn} is ${source.status}; it must have Succeeded or Failed.`);
  }
  return source;
}

function reuse(name: string, source: ExecutionRecord | undefined, call: Call): StepRecord {
  if (source === undefined) {
    throw validationError(
      `A selected step depends on '${name}', which is not selected: SourcePipelineExecutionArn is required to take its result from.`,
    );
  }
  const record = source.steps.find((step) => step.name === name);
  if (record?.status !== 'Succeeded') {
    throw validationError(
      `A selected step depends on '${name}', which did not succeed in the source execution ${source.arn} ` +
        `(${record?.status ?? 'not started'}).`,
    );
  }
  return {
    name,
    status: 'Succeeded',
    startedMs: call.nowMs,
    endedMs: call.nowMs,
    attempts: 0,
    selectiveSourceArn: source.arn,
    ...(record.metadata === undefined ? {} : { metadata: record.metadata }),
    ...(record.properties === undefined ? {} : { properties: record.properties }),
  };
}
