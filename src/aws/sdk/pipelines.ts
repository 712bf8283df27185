import type { PipelineExecutionStep } from '@aws-sdk/client-sagemaker';
import type { StepState } from '../../core/step-state.ts';
import type { ExecutionSummary, Pipelines, PipelineSpec, StartRequest } from '../types.ts';
import { required, withAwsErrors, withAwsErrorsOr } from './call.ts';
import type { SageMaker } from './clients.ts';
import { createTags, tagList } from './registry.ts';

export function createPipelines(sageMaker: SageMaker): Pipelines {
  return {
    ...pipelineCalls(sageMaker),
    ...executionActions(sageMaker),
    ...executionQueries(sageMaker),
    ...createTags(sageMaker),
  };
}

function pipelineCalls(sageMaker: SageMaker) {
  return {
    async describe(name: string) {
      const { sdk, client } = await sageMaker();
      const answer = await withAwsErrorsOr(
        { doing: `describe the pipeline ${name}`, when: ['not-found'], answer: undefined },
        () => client.send(new sdk.DescribePipelineCommand({ PipelineName: name })),
      );
      return answer === undefined
        ? undefined
        : {
            arn: required(answer.PipelineArn, 'PipelineArn'),
            definition: answer.PipelineDefinition ?? '',
            roleArn: answer.RoleArn ?? '',
            description: answer.PipelineDescription ?? '',
          };
    },
    async create(spec: PipelineSpec, tags: Readonly<Record<string, string>>) {
      const { sdk, client } = await sageMaker();
      const answer = await withAwsErrorsOr(
        { doing: `create the pipeline ${spec.name}`, when: ['already-exists'], answer: 'exists' as const },
        () =>
          client.send(
            new sdk.CreatePipelineCommand({ ...members(spec), ClientRequestToken: undefined, Tags: tagList(tags) }),
          ),
      );
      return answer === 'exists' ? answer : { arn: required(answer.PipelineArn, 'PipelineArn') };
    },
    async update(spec: PipelineSpec) {
      const { sdk, client } = await sageMaker();
      const answer = await withAwsErrors(`update the pipeline ${spec.name}`, () =>
        client.send(new sdk.UpdatePipelineCommand(members(spec))),
      );
      return { arn: required(answer.PipelineArn, 'PipelineArn'), versionId: answer.PipelineVersionId };
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
      const answer = await withAwsErrors(`start the pipeline ${request.pipeline}`, () =>
        client.send(
          new sdk.StartPipelineExecutionCommand({
            PipelineName: request.pipeline,
            PipelineExecutionDisplayName: request.displayName,
            PipelineExecutionDescription: request.description,
            ClientRequestToken: request.token,
            PipelineParameters: Object.entries(request.parameters).map(([Name, Value]) => ({ Name, Value })),
            ...(request.versionId === undefined ? {} : { PipelineVersionId: request.versionId }),
            ...selective(request),
          }),
        ),
      );
      return required(answer.PipelineExecutionArn, 'PipelineExecutionArn');
    },
    async stop(executionArn: string) {
      const { sdk, client } = await sageMaker();
      await withAwsErrors(`stop ${executionArn}`, () =>
        client.send(
          new sdk.StopPipelineExecutionCommand({
            PipelineExecutionArn: executionArn,
            ClientRequestToken: stopToken(executionArn),
          }),
        ),
      );
    },
  };
}

function executionQueries(sageMaker: SageMaker) {
  return {
    async definitionOf(executionArn: string) {
      const { sdk, client } = await sageMaker();
      const answer = await withAwsErrors(`read the definition of ${executionArn}`, () =>
        client.send(new sdk.DescribePipelineDefinitionForExecutionCommand({ PipelineExecutionArn: executionArn })),
      );
      return answer.PipelineDefinition ?? '';
    },
    async execution(executionArn: string) {
      const { sdk, client } = await sageMaker();
      const answer = await withAwsErrors(`describe ${executionArn}`, () =>
        client.send(new sdk.DescribePipelineExecutionCommand({ PipelineExecutionArn: executionArn })),
      );
      return {
        status: required(answer.PipelineExecutionStatus, 'PipelineExecutionStatus'),
        failureReason: answer.FailureReason,
        displayName: answer.PipelineExecutionDisplayName ?? '',
      };
    },
    async steps(executionArn: string) {
      const { sdk, client } = await sageMaker();
      return withAwsErrors(`list the steps of ${executionArn}`, async () => {
        const found: StepState[] = [];
        const request = { PipelineExecutionArn: executionArn, SortOrder: 'Ascending', MaxResults: 100 } as const;
        for await (const page of sdk.paginateListPipelineExecutionSteps({ client }, request)) {
          found.push(...(page.PipelineExecutionSteps ?? []).map(stepState));
        }
        return found;
      });
    },
    async recent(name: string) {
      const { sdk, client } = await sageMaker();
      const request = { PipelineName: name, SortBy: 'CreationTime', SortOrder: 'Descending', MaxResults: 100 } as const;
      const answer = await withAwsErrorsOr(
        { doing: `list the executions of ${name}`, when: ['not-found'], answer: undefined },
        () => client.send(new sdk.ListPipelineExecutionsCommand(request)),
      );
      return (answer?.PipelineExecutionSummaries ?? []).map(
        (summary): ExecutionSummary => ({
          arn: required(summary.PipelineExecutionArn, 'PipelineExecutionArn'),
          displayName: summary.PipelineExecutionDisplayName ?? '',
          description: summary.PipelineExecutionDescription ?? '',
          status: required(summary.PipelineExecutionStatus, 'PipelineExecutionStatus'),
        }),
      );
    },
  };
}

function selective({ selective: only }: StartRequest) {
  if (only === undefined) return {};
  const SelectedSteps = only.steps.map((StepName) => ({ StepName }));
  return { SelectiveExecutionConfig: { SourcePipelineExecutionArn: only.sourceArn, SelectedSteps } };
}

function stepState(step: PipelineExecutionStep): StepState {
  return {
    name: required(step.StepName, 'StepName'),
    status: required(step.StepStatus, 'StepStatus'),
    startedAtMs: step.StartTime?.getTime(),
    endedAtMs: step.EndTime?.getTime(),
    failureReason: step.FailureReason,
    attempts: Math.max(1, step.AttemptCount ?? 1),
    cachedFrom: step.CacheHitResult?.SourcePipelineExecutionArn,
    modelArn: step.Metadata?.Model?.Arn,
    jobArn: step.Metadata?.ProcessingJob?.Arn,
    packageArn: step.Metadata?.RegisterModel?.Arn,
  };
}

/** 32 to 128 characters, the same for every attempt to stop this execution. */
function stopToken(executionArn: string): string {
  return `stop-${executionArn.slice(executionArn.lastIndexOf('/') + 1)}`.padEnd(32, '-').slice(0, 128);
}
