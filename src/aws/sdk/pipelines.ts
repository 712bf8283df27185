import type { PipelineExecutionStep, PipelineExecutionSummary } from '@aws-sdk/client-sagemaker';
import type { StepState } from '../../core/runner.ts';
import { errorKind } from '../errors.ts';
import type { ExecutionState, ExecutionSummary, Pipelines, PipelineSpec, StartRequest } from '../types.ts';
import {
  allPages,
  optionalNumber,
  optionalText,
  required,
  requiredText,
  withAwsErrors,
  withAwsErrorsOr,
} from './call.ts';
import type { SageMaker } from './clients.ts';
import { createTags, tagList } from './registry.ts';

export function createPipelines(sageMaker: SageMaker): Pipelines {
  return {
    ...pipelineCalls(sageMaker),
    ...versionCalls(sageMaker),
    ...executionActions(sageMaker),
    ...executionQueries(sageMaker),
    ...createTags(sageMaker),
  };
}

function pipelineCalls(sageMaker: SageMaker) {
  return {
    async describe(name: string) {
      const { sdk, client } = await sageMaker();
      return withAwsErrorsOr(
        { doing: `describe the pipeline ${name}`, when: ['not-found'], answer: undefined },
        async () => {
          const answer = await client.send(new sdk.DescribePipelineCommand({ PipelineName: name }));
          return {
            arn: requiredText(answer.PipelineArn, 'PipelineArn'),
            definition: optionalText(answer.PipelineDefinition, 'PipelineDefinition') ?? '',
            roleArn: optionalText(answer.RoleArn, 'RoleArn') ?? '',
            description: optionalText(answer.PipelineDescription, 'PipelineDescription') ?? '',
          };
        },
      );
    },
    async create(spec: PipelineSpec, tags: Readonly<Record<string, string>>) {
      const { sdk, client } = await sageMaker();
      const request = { ...members(spec), ClientRequestToken: undefined, Tags: tagList(tags) };
      return withAwsErrorsOr(
        { doing: `create the pipeline ${spec.name}`, when: ['already-exists'], answer: 'exists' as const },
        async () => {
          const answer = await client.send(new sdk.CreatePipelineCommand(request));
          return { arn: requiredText(answer.PipelineArn, 'PipelineArn') };
        },
      );
    },
    async update(spec: PipelineSpec) {
      const { sdk, client } = await sageMaker();
      return withAwsErrors(`update the pipeline ${spec.name}`, async () => {
        const answer = await client.send(new sdk.UpdatePipelineCommand(members(spec)));
        return { arn: requiredText(answer.PipelineArn, 'PipelineArn'), versionId: answer.PipelineVersionId };
      });
    },
  };
}

/** How many versions are compared: a pipeline that changes more often in between is compared by its definition. */
const VERSIONS = 10;

function versionCalls(sageMaker: SageMaker) {
  return {
    async versions(name: string) {
      const { sdk, client } = await sageMaker();
      const request = { PipelineName: name, SortOrder: 'Descending', MaxResults: VERSIONS } as const;
      return withAwsErrors(`list the versions of ${name}`, async () => {
        const answer = await client.send(new sdk.ListPipelineVersionsCommand(request));
        const ids = (answer.PipelineVersionSummaries ?? []).map(({ PipelineVersionId: id }) =>
          required(id, 'PipelineVersionId'),
        );
        return ids.toSorted((a, b) => b - a);
      });
    },
    async versionDefinition(name: string, versionId: number) {
      const { sdk, client } = await sageMaker();
      const request = { PipelineName: name, PipelineVersionId: versionId };
      return withAwsErrorsOr(
        { doing: `describe version ${versionId} of ${name}`, when: ['not-found'], answer: undefined },
        async () => {
          const answer = await client.send(new sdk.DescribePipelineCommand(request));
          return requiredText(answer.PipelineDefinition, 'PipelineDefinition');
        },
      );
    },
  };
}

function members({ name, description, roleArn, definition }: PipelineSpec) {
  return {
    PipelineName: name,
    PipelineDescription: description,
    RoleArn: roleArn,
    ...('text' in definition
      ? { PipelineDefinition: definition.text }
      : { PipelineDefinitionS3Location: { Bucket: definition.location.bucket, ObjectKey: definition.location.key } }),
  };
}

function executionActions(sageMaker: SageMaker) {
  return {
    async start(request: StartRequest) {
      const { sdk, client } = await sageMaker();
      return withAwsErrors(`start the pipeline ${request.pipeline}`, async () => {
        const answer = await client.send(
          new sdk.StartPipelineExecutionCommand({
            PipelineName: request.pipeline,
            PipelineExecutionDisplayName: request.displayName,
            PipelineExecutionDescription: request.description,
            ClientRequestToken: request.token,
            PipelineParameters: Object.entries(request.parameters).map(([Name, Value]) => ({ Name, Value })),
            ...(request.versionId === undefined ? {} : { PipelineVersionId: request.versionId }),
            ...selective(request),
          }),
        );
        return requiredText(answer.PipelineExecutionArn, 'PipelineExecutionArn');
      });
    },
    async stop(executionArn: string) {
      const { sdk, client } = await sageMaker();
      const request = { PipelineExecutionArn: executionArn, ClientRequestToken: stopToken(executionArn) };
      await withAwsErrors(`stop ${executionArn}`, async () => {
        try {
          const answer = await client.send(new sdk.StopPipelineExecutionCommand(request));
          requiredText(answer.PipelineExecutionArn, 'PipelineExecutionArn');
        } catch (thrown) {
          const conflict = errorKind(thrown) === 'conflict';
          if (!conflict || (await describeExecution(sageMaker, executionArn)).status === 'Executing') throw thrown;
        }
      });
    },
  };
}

function executionQueries(sageMaker: SageMaker) {
  return {
    execution: (executionArn: string) =>
      withAwsErrors(`describe ${executionArn}`, () => describeExecution(sageMaker, executionArn)),
    async steps(executionArn: string) {
      const { sdk, client } = await sageMaker();
      const request = { PipelineExecutionArn: executionArn, SortOrder: 'Ascending', MaxResults: 100 } as const;
      return withAwsErrors(`list the steps of ${executionArn}`, () =>
        allPages(async (NextToken) => {
          const page = await client.send(new sdk.ListPipelineExecutionStepsCommand({ ...request, NextToken }));
          return { items: (page.PipelineExecutionSteps ?? []).map(stepState), next: page.NextToken };
        }),
      );
    },
    async recent(name: string) {
      const { sdk, client } = await sageMaker();
      const request = { PipelineName: name, SortBy: 'CreationTime', SortOrder: 'Descending', MaxResults: 100 } as const;
      return withAwsErrorsOr({ doing: `list the executions of ${name}`, when: ['not-found'], answer: [] }, async () => {
        const answer = await client.send(new sdk.ListPipelineExecutionsCommand(request));
        return (answer.PipelineExecutionSummaries ?? []).map(executionSummary);
      });
    },
  };
}

async function describeExecution(sageMaker: SageMaker, executionArn: string): Promise<ExecutionState> {
  const { sdk, client } = await sageMaker();
  const request = { PipelineExecutionArn: executionArn };
  const answer = await client.send(new sdk.DescribePipelineExecutionCommand(request));
  return {
    status: requiredText(answer.PipelineExecutionStatus, 'PipelineExecutionStatus'),
    versionId: answer.PipelineVersionId,
    failureReason: optionalText(answer.FailureReason, 'FailureReason'),
    displayName: optionalText(answer.PipelineExecutionDisplayName, 'PipelineExecutionDisplayName') ?? '',
  };
}

function executionSummary(summary: PipelineExecutionSummary): ExecutionSummary {
  return {
    arn: requiredText(summary.PipelineExecutionArn, 'PipelineExecutionArn'),
    displayName: optionalText(summary.PipelineExecutionDisplayName, 'PipelineExecutionDisplayName') ?? '',
    description: optionalText(summary.PipelineExecutionDescription, 'PipelineExecutionDescription') ?? '',
    status: requiredText(summary.PipelineExecutionStatus, 'PipelineExecutionStatus'),
  };
}

function selective({ selective: only }: StartRequest) {
  if (only === undefined) return {};
  const SelectedSteps = only.steps.map((StepName) => ({ StepName }));
  return { SelectiveExecutionConfig: { SourcePipelineExecutionArn: only.sourceArn, SelectedSteps } };
}

function stepState(step: PipelineExecutionStep): StepState {
  return {
    name: requiredText(step.StepName, 'StepName'),
    status: requiredText(step.StepStatus, 'StepStatus'),
    startedAtMs: step.StartTime?.getTime(),
    endedAtMs: step.EndTime?.getTime(),
    failureReason: optionalText(step.FailureReason, 'FailureReason'),
    attempts: Math.max(1, optionalNumber(step.AttemptCount, 'AttemptCount')),
    // A step that ran without a hit carries the member, too, with an empty ARN.
    cachedFrom: optionalText(step.CacheHitResult?.SourcePipelineExecutionArn, 'CacheHitResult') || undefined,
    modelArn: optionalText(step.Metadata?.Model?.Arn, 'Model'),
    jobArn: optionalText(step.Metadata?.ProcessingJob?.Arn, 'ProcessingJob'),
    packageArn: optionalText(step.Metadata?.RegisterModel?.Arn, 'RegisterModel'),
  };
}

/** 32 to 128 characters, the same for every attempt to stop this execution. */
function stopToken(executionArn: string): string {
  return `stop-${executionArn.slice(executionArn.lastIndexOf('/') + 1)}`.padEnd(32, '-').slice(0, 128);
}
