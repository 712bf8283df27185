import { readFile } from 'node:fs/promises';
import type { JsonObject } from '../contracts.ts';
import { definitionError } from './definition/definition.ts';
import { checkForms } from './definition/forms.ts';
import { longestDefinitionBytes, readDefinition } from './definition/read.ts';
import { alreadyExists, conflict, notFound, validationError } from './errors.ts';
import { arnOf, toArn } from './ids.ts';
import { defined, number, object, seconds, text } from './json.ts';
import { createdWithin, ordered, pageAnswer, pageOf } from './paging.ts';
import { type Call, callerIdentity, type Operation, once, save } from './service.ts';
import type { PipelineRecord, PipelineVersion } from './state.ts';
import { putTags, tagsOf } from './tags.ts';

export const createPipeline: Operation = async (input, call) => {
  const name = text(input, 'PipelineName') ?? '';
  const definition = await definitionIn(input, call);
  if (definition === undefined) {
    throw validationError('Either PipelineDefinition or PipelineDefinitionS3Location must be provided.');
  }
  tagsOf(input);
  const arn = once(input, call, {
    operation: 'CreatePipeline',
    token: 'ClientRequestToken',
    exists: (earlier) => Object.hasOwn(call.region.pipelines, earlier),
    make: () => makePipeline(input, { name, definition }, call),
  });
  save(call);
  return { PipelineArn: arn };
};

function makePipeline(input: JsonObject, of: { name: string; definition: string }, call: Call): string {
  const arn = arnOf(call.context, 'pipeline', of.name);
  if (Object.hasOwn(call.region.pipelines, arn)) {
    throw alreadyExists(
      'Pipeline names must be unique within an AWS account and region. ' +
        `Pipeline with name (${of.name}) already exists.`,
      call.service.answers,
    );
  }
  checkDefinition(of.definition, call);
  const parallelSteps = maxParallelSteps(input);
  call.region.pipelines[arn] = {
    arn,
    name: of.name,
    roleArn: text(input, 'RoleArn') ?? '',
    ...(parallelSteps === undefined ? {} : { parallelSteps }),
    createdMs: call.nowMs,
    modifiedMs: call.nowMs,
    createdBy: callerIdentity(call.context),
    modifiedBy: callerIdentity(call.context),
    versions: [versionFrom(input, { id: 1, definition: of.definition, createdMs: call.nowMs })],
  };
  putTags(input, arn, call);
  return arn;
}

/** Each update makes a version, whatever it changes; what it does not name stays. */
export const updatePipeline: Operation = async (input, call) => {
  const pipeline = pipelineOf(text(input, 'PipelineName') ?? '', call);
  const given = await definitionIn(input, call);
  if (given !== undefined) checkDefinition(given, call);
  const last = versionOf(pipeline, undefined);
  const id = last.id + 1;
  pipeline.versions.push({
    ...last,
    ...versionFrom(input, { id, definition: given ?? last.definition, createdMs: call.nowMs }),
  });
  pipeline.roleArn = text(input, 'RoleArn') ?? pipeline.roleArn;
  const parallelSteps = maxParallelSteps(input);
  if (parallelSteps !== undefined) pipeline.parallelSteps = parallelSteps;
  pipeline.modifiedMs = call.nowMs;
  pipeline.modifiedBy = callerIdentity(call.context);
  save(call);
  const told = call.service.answers.is('update-version', 'told');
  return { PipelineArn: pipeline.arn, ...(told ? { PipelineVersionId: id } : {}) };
};

function versionFrom(
  input: JsonObject,
  version: { id: number; definition: string; createdMs: number },
): PipelineVersion {
  const displayName = text(input, 'PipelineDisplayName');
  const description = text(input, 'PipelineDescription');
  return {
    ...version,
    ...(displayName === undefined ? {} : { displayName }),
    ...(description === undefined ? {} : { description }),
  };
}

export function maxParallelSteps(input: JsonObject): number | undefined {
  return number(object(input, 'ParallelismConfiguration') ?? {}, 'MaxParallelExecutionSteps');
}

function checkDefinition(definition: string, { service }: Call): void {
  checkForms(readDefinition(definition), definition, service.answers);
}

/** @throws AwsError ValidationException, where a definition of that size has to lie in S3 */
function checkInline(definition: string | undefined, { service }: Call): string | undefined {
  const sizeBytes = Buffer.byteLength(definition ?? '');
  if (sizeBytes <= 100 * 1024 || service.answers.is('inline-definition', '1-mib')) return definition;
  throw definitionError(`It has ${sizeBytes} bytes; the limit of a definition that is not in S3 is 102400.`);
}

/** The definition of a request: inline, or read from S3. */
async function definitionIn(input: JsonObject, call: Call): Promise<string | undefined> {
  const inline = text(input, 'PipelineDefinition');
  const location = object(input, 'PipelineDefinitionS3Location');
  if (location === undefined) return checkInline(inline, call);
  if (inline !== undefined) {
    throw validationError('Only one of PipelineDefinition and PipelineDefinitionS3Location can be provided.');
  }
  const bucket = text(location, 'Bucket') ?? '';
  const key = text(location, 'ObjectKey') ?? '';
  const found = call.service.store.head(bucket, key);
  const wanted = text(location, 'VersionId');
  if (found === undefined || (wanted !== undefined && found.versionId !== wanted)) {
    const version = wanted === undefined ? '' : ` (version ${wanted})`;
    throw validationError(`Could not read the pipeline definition at s3://${bucket}/${key}${version}: no such object.`);
  }
  if (found.sizeBytes > longestDefinitionBytes) {
    throw definitionError(
      `s3://${bucket}/${key} has ${found.sizeBytes} bytes; the limit is ${longestDefinitionBytes}.`,
    );
  }
  return await readFile(found.bodyPath, 'utf8');
}

export function pipelineOf(nameOrArn: string, call: Call): PipelineRecord {
  const arn = toArn(call.context, 'pipeline', nameOrArn);
  const pipeline = call.region.pipelines[arn];
  if (pipeline === undefined) throw notFound(`Pipeline ${arn} does not exist.`);
  return pipeline;
}

/** The version of that number, or the newest. */
export function versionOf(pipeline: PipelineRecord, id: number | undefined): PipelineVersion {
  const version = id === undefined ? pipeline.versions.at(-1) : pipeline.versions.find((item) => item.id === id);
  if (version === undefined) throw notFound(`Pipeline ${pipeline.arn} has no version ${id}.`);
  return version;
}

export const describePipeline: Operation = (input, call) => {
  const pipeline = pipelineOf(text(input, 'PipelineName') ?? '', call);
  const version = versionOf(pipeline, number(input, 'PipelineVersionId'));
  return defined({
    ...pipelineSummary(pipeline, version),
    PipelineDefinition: definitionAnswer(version.definition, call.service.answers.get('pipeline-definition')),
    PipelineStatus: 'Active',
    LastRunTime: pipeline.lastRunMs === undefined ? undefined : seconds(pipeline.lastRunMs),
    CreatedBy: pipeline.createdBy,
    LastModifiedBy: pipeline.modifiedBy,
    ParallelismConfiguration:
      pipeline.parallelSteps === undefined ? undefined : { MaxParallelExecutionSteps: pipeline.parallelSteps },
  });
};

function pipelineSummary(pipeline: PipelineRecord, version: PipelineVersion): JsonObject {
  return defined({
    PipelineArn: pipeline.arn,
    PipelineName: pipeline.name,
    PipelineDisplayName: version.displayName ?? pipeline.name,
    PipelineDescription: version.description,
    RoleArn: pipeline.roleArn,
    CreationTime: seconds(pipeline.createdMs),
    LastModifiedTime: seconds(pipeline.modifiedMs),
  });
}

export const listPipelines: Operation = (input, call) => {
  const prefix = text(input, 'PipelineNamePrefix') ?? '';
  // All that is here was made by a caller, nothing by AWS.
  const all = text(input, 'ManagedBy') === 'AWS' ? [] : Object.values(call.region.pipelines);
  const found = all.filter(
    (pipeline) =>
      pipeline.name.startsWith(prefix) &&
      createdWithin(input, { after: 'CreatedAfter', before: 'CreatedBefore' }, pipeline.createdMs),
  );
  const sorted = ordered(found, input, {
    defaultOrder: 'Descending',
    ...(text(input, 'SortBy') === 'Name' ? { nameOf: (pipeline: PipelineRecord) => pipeline.name } : {}),
  });
  const page = pageOf(sorted, input, { keyOf: (pipeline) => pipeline.arn, pageSize: 10, call });
  const items = page.items.map((pipeline) =>
    defined({
      ...pipelineSummary(pipeline, versionOf(pipeline, undefined)),
      LastExecutionTime: pipeline.lastRunMs === undefined ? undefined : seconds(pipeline.lastRunMs),
    }),
  );
  return pageAnswer('PipelineSummaries', { ...page, items });
};

/** As it was given, or as somebody else would write the same. */
export function definitionAnswer(definition: string, form: 'verbatim' | 'reformatted'): string {
  return form === 'verbatim' ? definition : JSON.stringify(JSON.parse(definition), undefined, 2);
}

export const listPipelineVersions: Operation = (input, call) => {
  const pipeline = pipelineOf(text(input, 'PipelineName') ?? '', call);
  const found = pipeline.versions.filter(({ createdMs }) =>
    createdWithin(input, { after: 'CreatedAfter', before: 'CreatedBefore' }, createdMs),
  );
  const sorted = ordered(found, input, { defaultOrder: 'Descending' });
  const page = pageOf(sorted, input, { keyOf: (version) => String(version.id), pageSize: 10, call });
  const items = page.items.map((version) => versionSummary(pipeline, version, call));
  return pageAnswer('PipelineVersionSummaries', { ...page, items });
};

function versionSummary(pipeline: PipelineRecord, version: PipelineVersion, { region }: Call): JsonObject {
  const last = Object.values(region.executions).findLast(
    ({ pipelineArn, versionId }) => pipelineArn === pipeline.arn && versionId === version.id,
  );
  return defined({
    PipelineArn: pipeline.arn,
    PipelineVersionId: version.id,
    CreationTime: seconds(version.createdMs),
    PipelineVersionDescription: version.description,
    PipelineVersionDisplayName: version.displayName,
    LastExecutionPipelineExecutionArn: last?.arn,
  });
}

export const deletePipeline: Operation = (input, call) => {
  const pipeline = pipelineOf(text(input, 'PipelineName') ?? '', call);
  const executions = Object.values(call.region.executions).filter((item) => item.pipelineArn === pipeline.arn);
  const running = executions.find((item) => item.status === 'Executing' || item.status === 'Stopping');
  if (running !== undefined) {
    throw conflict(
      `Pipeline ${pipeline.arn} has a running execution (${running.arn}). Stop it before you delete the pipeline.`,
    );
  }
  for (const execution of executions) delete call.region.executions[execution.arn];
  delete call.region.pipelines[pipeline.arn];
  delete call.region.tags[pipeline.arn];
  save(call);
  return { PipelineArn: pipeline.arn };
};
