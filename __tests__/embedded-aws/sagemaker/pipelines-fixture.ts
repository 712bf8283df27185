/** Steps and pipelines that tests put together. */
import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../../../embedded-aws/contracts.ts';
import { text } from '../../../embedded-aws/sagemaker/json.ts';
import { type Bench, image, role } from './harness.ts';

export function definition(steps: readonly JsonObject[], parameters: readonly JsonObject[] = []): string {
  return JSON.stringify({
    Version: '2020-12-01',
    Metadata: {},
    Parameters: parameters,
    PipelineExperimentConfig: null,
    Steps: steps,
  });
}

export function modelStep(url: Json = 's3://models/model.tar.gz', more: JsonObject = {}): JsonObject {
  return {
    Name: 'Model',
    Type: 'Model',
    Arguments: { ExecutionRoleArn: role, PrimaryContainer: { Image: image, ModelDataUrl: url } },
    ...more,
  };
}

export function s3Input(name: string, uri: Json, localPath: string): JsonObject {
  return {
    InputName: name,
    AppManaged: false,
    S3Input: { S3Uri: uri, LocalPath: localPath, S3DataType: 'S3Prefix', S3InputMode: 'File' },
  };
}

export function s3Output(name: string, uri: Json, localPath: string): JsonObject {
  return {
    OutputName: name,
    AppManaged: false,
    S3Output: { S3Uri: uri, LocalPath: localPath, S3UploadMode: 'EndOfJob' },
  };
}

/** A job that runs the Python script at s3://models/code/<name>.py, with one output named `out`. */
export function jobStep(name: string, of: { arguments?: JsonObject; step?: JsonObject } = {}): JsonObject {
  return {
    Name: name,
    Type: 'Processing',
    Arguments: {
      RoleArn: role,
      ProcessingResources: { ClusterConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 } },
      AppSpecification: {
        ImageUri: image,
        ContainerEntrypoint: ['python3', `/opt/ml/processing/input/code/${name}.py`],
      },
      ProcessingInputs: [s3Input('code', `s3://models/code/${name}.py`, '/opt/ml/processing/input/code')],
      ProcessingOutputConfig: { Outputs: [s3Output('out', `s3://models/out/${name}`, '/opt/ml/processing/output')] },
      ...of.arguments,
    },
    ...of.step,
  };
}

export function registerStep(modelDataUrl: Json, more: JsonObject = {}): JsonObject {
  return {
    Name: 'Register',
    Type: 'RegisterModel',
    Arguments: {
      ModelPackageGroupName: 'group',
      InferenceSpecification: {
        Containers: [{ Image: image, ModelDataUrl: modelDataUrl }],
        SupportedContentTypes: ['text/csv'],
        SupportedResponseMIMETypes: ['application/json'],
      },
    },
    ...more,
  };
}

export function get(reference: string): JsonObject {
  return { Get: reference };
}

export function createInput(pipelineDefinition: string, name = 'pipe'): JsonObject {
  return {
    PipelineName: name,
    PipelineDefinition: pipelineDefinition,
    RoleArn: role,
    ClientRequestToken: randomUUID(),
  };
}

export async function start(bench: Bench, input: JsonObject = {}): Promise<string> {
  const request = { PipelineName: 'pipe', ClientRequestToken: randomUUID(), ...input };
  return text(await bench.call('StartPipelineExecution', request), 'PipelineExecutionArn') ?? '';
}
