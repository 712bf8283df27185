import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Bench, finish, openBench, stepsOf } from './harness.ts';
import {
  createInput,
  definition,
  get,
  jobStep,
  modelStep,
  registerStep,
  s3Input,
  s3Output,
  start,
} from './pipelines-fixture.ts';

const packager = `
import os, sys
root = os.environ.get('BSM_CONTAINER_ROOT', '')
with open(root + '/opt/ml/processing/input/model/model.tar.gz') as file:
    data = file.read()
print('packaging', data)
with open(root + '/opt/ml/processing/output/model.tar.gz', 'w') as file:
    file.write('packaged ' + data + ' ' + ' '.join(sys.argv[1:]))
`;

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
  await bench.put('s3://models/model.tar.gz', 'weights');
  await bench.put('s3://models/model.tar.gz.bak', 'old weights');
  await bench.put('s3://models/code/Package.py', packager);
  await bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' });
});

afterEach(async () => await bench.close());

const steps = [
  modelStep(get('Parameters.ModelS3Path')),
  jobStep('Package', {
    arguments: {
      AppSpecification: {
        ImageUri: '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3',
        ContainerEntrypoint: ['python3', '/opt/ml/processing/input/code/Package.py'],
        ContainerArguments: ['--of', get('Steps.Model.ModelName')],
      },
      ProcessingInputs: [
        s3Input('model_input', get('Parameters.ModelS3Path'), '/opt/ml/processing/input/model'),
        s3Input('code', 's3://models/code/Package.py', '/opt/ml/processing/input/code'),
      ],
      ProcessingOutputConfig: {
        Outputs: [
          s3Output(
            'packaged_model_output',
            { 'Std:Join': { On: '/', Values: ['s3://models', 'packaged', get('Execution.PipelineExecutionId')] } },
            '/opt/ml/processing/output',
          ),
        ],
      },
    },
  }),
  registerStep({
    'Std:Join': {
      On: '/',
      Values: [
        get("Steps.Package.ProcessingOutputConfig.Outputs['packaged_model_output'].S3Output.S3Uri"),
        'model.tar.gz',
      ],
    },
  }),
];
const parameters = [{ Name: 'ModelS3Path', Type: 'String' }];

test('a model goes through model, packaging and registration steps into the registry', async () => {
  const created = await bench.call('CreatePipeline', createInput(definition(steps, parameters)));
  expect(created).toEqual({ PipelineArn: 'arn:aws:sagemaker:us-east-1:123456789012:pipeline/pipe' });
  const arn = await start(bench, {
    PipelineParameters: [{ Name: 'ModelS3Path', Value: 's3://models/model.tar.gz' }],
    PipelineExecutionDisplayName: 'first',
  });
  const id = arn.slice(arn.lastIndexOf('/') + 1);

  const execution = await finish(bench, arn);
  const run = await stepsOf(bench, arn);
  expect(
    run.map((step) => [step['StepName'], step['StepStatus'], step['FailureReason'], step['AttemptCount']]),
  ).toEqual([
    ['Model', 'Succeeded', undefined, 1],
    ['Package', 'Succeeded', undefined, 1],
    ['Register', 'Succeeded', undefined, 1],
  ]);
  expect(execution).toMatchObject({
    PipelineExecutionStatus: 'Succeeded',
    PipelineExecutionDisplayName: 'first',
    PipelineVersionId: 1,
  });
  expect(run[0]?.['Metadata']).toEqual({
    Model: { Arn: expect.stringMatching(`:model/pipelines-${id}-model-[a-z0-9]{10}$`) },
  });
  expect(run[1]?.['Metadata']).toEqual({
    ProcessingJob: { Arn: expect.stringMatching(`:processing-job/pipelines-${id}-package-[a-z0-9]{10}$`) },
  });
  const packageArn = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1';
  expect(run[2]?.['Metadata']).toEqual({ RegisterModel: { Arn: packageArn } });

  const packaged = `s3://models/packaged/${id}/model.tar.gz`;
  expect(await bench.get(packaged)).toMatch(
    new RegExp(`^packaged weights --of pipelines-${id}-Model-[A-Za-z0-9]{10}$`),
  );
  expect(await bench.call('DescribeModelPackage', { ModelPackageName: packageArn })).toMatchObject({
    ModelPackageGroupName: 'group',
    ModelPackageVersion: 1,
    ModelPackageStatus: 'Completed',
    ModelApprovalStatus: 'PendingManualApproval',
    InferenceSpecification: { Containers: [{ ModelDataUrl: packaged }] },
  });
  expect(bench.lines).toEqual([
    {
      group: '/aws/sagemaker/ProcessingJobs',
      stream: expect.stringMatching(`^pipelines-${id}-Package-[A-Za-z0-9]{10}/algo-1-\\d{10}$`),
      message: 'packaging weights',
    },
  ]);
});
