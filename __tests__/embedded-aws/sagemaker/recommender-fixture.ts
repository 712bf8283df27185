/** Model packages that can be loaded, and jobs that load them. */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../../embedded-aws/contracts.ts';
import { text } from '../../../embedded-aws/sagemaker/json.ts';
import { type Bench, image, role } from './harness.ts';

/** A handler without PyTorch; its answers hold the process that gave them. */
export const ECHO = `import json, os
def model_fn(model_dir):
    print('loaded by', os.getpid(), os.environ.get('SAGEMAKER_PROGRAM'), sorted(os.listdir(model_dir)))
    return open(os.path.join(model_dir, 'weights')).read()
def input_fn(body, content_type):
    return body
def predict_fn(data, model):
    return {'said': data, 'model': model}
def output_fn(prediction, accept):
    return json.dumps(prediction)
`;

async function archive(bench: Bench, name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(bench.folder, name);
  await mkdir(join(folder, 'code'), { recursive: true });
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content);
  const packed = join(bench.folder, `${name}.tar.gz`);
  execFileSync('tar', ['-czf', packed, '-C', folder, ...Object.keys(files)]);
  await bench.store.putFile('models', `${name}.tar.gz`, packed);
  return `s3://models/${name}.tar.gz`;
}

export async function register(bench: Bench, handler: string, more: JsonObject = {}): Promise<string> {
  const ModelDataUrl = await archive(bench, 'model', { weights: 'w', 'code/inference.py': handler });
  const SamplePayloadUrl = await archive(bench, 'payload', {
    'payload_text_csv_0.csv': '1,2',
    'payload_application_json_0.json': '{"a": 1}',
  });
  const made = await bench.call('CreateModelPackage', {
    ModelPackageGroupName: 'group',
    Domain: 'MACHINE_LEARNING',
    Task: 'OTHER',
    SamplePayloadUrl,
    InferenceSpecification: {
      Containers: [
        { Image: image, ModelDataUrl, Framework: 'PYTORCH', Environment: { SAGEMAKER_PROGRAM: 'inference.py' } },
      ],
      SupportedContentTypes: ['text/csv', 'application/json'],
      SupportedResponseMIMETypes: ['application/json'],
    },
    ...more,
  });
  return text(made, 'ModelPackageArn') ?? '';
}

export type Change = { readonly phase?: JsonObject; readonly stop?: JsonObject; readonly config?: JsonObject };

export function request(arn: string, of: Change = {}): JsonObject {
  return {
    JobName: 'load',
    JobType: 'Advanced',
    RoleArn: role,
    InputConfig: {
      ModelPackageVersionArn: arn,
      JobDurationInSeconds: 7200,
      TrafficPattern: {
        TrafficType: 'PHASES',
        Phases: [{ InitialNumberOfUsers: 1, SpawnRate: 1, DurationInSeconds: 120, ...of.phase }],
      },
      EndpointConfigurations: [{ InstanceType: 'ml.m5.large' }],
      ...of.config,
    },
    ...(of.stop === undefined ? {} : { StoppingConditions: of.stop }),
  };
}

export async function jobEnded(bench: Bench): Promise<JsonObject> {
  for (;;) {
    const job = await bench.call('DescribeInferenceRecommendationsJob', { JobName: 'load' });
    if (['COMPLETED', 'FAILED', 'STOPPED'].includes(text(job, 'Status') ?? '')) return job;
    await sleep(20);
  }
}
