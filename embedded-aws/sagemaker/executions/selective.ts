import type { AnswerBook } from '../../answers.ts';
import type { JsonObject } from '../../contracts.ts';
import type { Definition } from '../definition/definition.ts';
import { upstreamOf } from '../definition/graph.ts';
import { readDefinition } from '../definition/read.ts';
import { notFound, validationError } from '../errors.ts';
import { object, objects, text } from '../json.ts';
import { versionOf } from '../pipelines.ts';
import type { Call } from '../service.ts';
import type { ExecutionRecord, PipelineRecord, PipelineVersion, SelectiveExecution, StepRecord } from '../state.ts';

export type Selection = {
  readonly selective: SelectiveExecution;
  /** Results that selected steps need of steps that do not run, as the source execution has them. */
  readonly reused: readonly StepRecord[];
};

type Target = {
  readonly definition: Definition;
  readonly pipeline: PipelineRecord;
  readonly version: PipelineVersion;
};

/** The SelectiveExecutionConfig of a start, held against the rules of its documentation. */
export function readSelection(input: JsonObject, of: Target, call: Call): Selection | undefined {
  const config = object(input, 'SelectiveExecutionConfig');
  if (config === undefined) return undefined;
  const selected = objects(config, 'SelectedSteps').map((step) => text(step, 'StepName') ?? '');
  checkNames(selected, of.definition);
  refuseGaps(selected, of.definition);
  const sourceArn = text(config, 'SourcePipelineExecutionArn');
  const source = sourceArn === undefined ? undefined : sourceOf(sourceArn, { ...of, selected }, call);
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

function sourceOf(arn: string, of: Target & { selected: readonly string[] }, call: Call): ExecutionRecord {
  const source = call.region.executions[arn];
  if (source === undefined) throw notFound(`Pipeline execution ${arn} does not exist.`);
  const wrong = whatIsWrong(source, of, call.service.answers);
  if (wrong !== undefined) throw validationError(`Invalid SourcePipelineExecutionArn: ${arn} ${wrong}`);
  return source;
}

/** The first two are documented. Of the others nobody knows: by default they are taken. */
function whatIsWrong(
  source: ExecutionRecord,
  of: Target & { selected: readonly string[] },
  answers: AnswerBook,
): string | undefined {
  if (source.pipelineArn !== of.pipeline.arn) return `is not an execution of the pipeline ${of.pipeline.arn}.`;
  const stopped = source.status === 'Stopped' && answers.is('selective-of-stopped', 'taken');
  if (source.status !== 'Succeeded' && source.status !== 'Failed' && !stopped) {
    return `is ${source.status}; it must have Succeeded or Failed.`;
  }
  if (answers.is('selective-source', 'refused')) return 'cannot be taken as a source.';
  if (answers.is('selective-of-selective', 'refused') && source.selective !== undefined) {
    return 'was a selective execution itself.';
  }
  if (answers.is('selective-other-version', 'refused') && source.versionId !== of.version.id) {
    return `ran version ${source.versionId} of the pipeline, not ${of.version.id}.`;
  }
  if (answers.is('selective-new-step', 'taken')) return undefined;
  const known = readDefinition(versionOf(of.pipeline, source.versionId).definition).steps.map(({ name }) => name);
  const unknown = of.selected.find((name) => !known.includes(name));
  return unknown === undefined ? undefined : `ran a definition without the step '${unknown}'.`;
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
