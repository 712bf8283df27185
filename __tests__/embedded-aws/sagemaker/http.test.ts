import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateModelPackageGroupCommand,
  CreatePipelineCommand,
  DescribeModelPackageCommand,
  DescribePipelineCommand,
  DescribePipelineExecutionCommand,
  ListPipelineExecutionStepsCommand,
  SageMakerClient,
  StartPipelineExecutionCommand,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmbeddedAws, startEmbeddedAws } from '../../../embedded-aws/server.ts';
import { role } from './harness.ts';
import { definition, get, jobStep, registerStep } from './pipelines-fixture.ts';

let aws: EmbeddedAws;
let client: SageMakerClient;

beforeAll(async () => {
  aws = await startEmbeddedAws();
  client = new SageMakerClient({
    endpoint: aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIATESTTESTTESTTEST', secretAccessKey: 'test' },
  });
  await aws.store.createBucket('models', 'us-east-1');
});

afterAll(async () => {
  client.destroy();
  await aws.close();
});

const script = `
import os
open(os.environ['BSM_CONTAINER_ROOT'] + '/opt/ml/processing/output/model.tar.gz', 'w').write('packed')
`;

test('the AWS SDK runs a pipeline over HTTP and finds the model package', async () => {
  await aws.store.putBytes('models', 'code/Package.py', Buffer.from(script));
  await client.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: 'group' }));
  const artifact = get("Steps.Package.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri");
  const steps = [jobStep('Package'), registerStep({ 'Std:Join': { On: '/', Values: [artifact, 'model.tar.gz'] } })];
  await client.send(
    new CreatePipelineCommand({
      PipelineName: 'pipe',
      RoleArn: role,
      PipelineDefinition: definition(steps),
      ClientRequestToken: randomUUID(),
    }),
  );
  const { PipelineExecutionArn } = await client.send(
    new StartPipelineExecutionCommand({ PipelineName: 'pipe', ClientRequestToken: randomUUID() }),
  );
  let status: string | undefined = 'Executing';
  while (status === 'Executing') {
    await sleep(20);
    status = (await client.send(new DescribePipelineExecutionCommand({ PipelineExecutionArn })))
      .PipelineExecutionStatus;
  }
  expect(status).toBe('Succeeded');
  const listed = await client.send(new ListPipelineExecutionStepsCommand({ PipelineExecutionArn }));
  const registration = listed.PipelineExecutionSteps?.find((step) => step.StepName === 'Register');
  expect(registration?.EndTime).toBeInstanceOf(Date);
  const ModelPackageName = registration?.Metadata?.RegisterModel?.Arn ?? '';
  const found = await client.send(new DescribeModelPackageCommand({ ModelPackageName }));
  expect(found.InferenceSpecification?.Containers?.[0]?.ModelDataUrl).toBe('s3://models/out/Package/model.tar.gz');
});

test('the AWS SDK sees errors as AWS sends them', async () => {
  await expect(client.send(new DescribePipelineCommand({ PipelineName: 'none' }))).rejects.toMatchObject({
    name: 'ResourceNotFound',
    message: 'Pipeline arn:aws:sagemaker:us-east-1:123456789012:pipeline/none does not exist.',
    $metadata: { httpStatusCode: 400 },
  });
});
