import { expect, test } from '@jest/globals';
import { object, text } from '../../../embedded-aws/sagemaker/json.ts';
import {
  ACCOUNT_ROLE,
  bench,
  create,
  firstStep,
  type Question,
  REGISTERED,
  rowsOf,
  run,
  switchAnswers,
  useSwitchableSageMaker,
} from './answers-fixture.ts';
import { image, refusal } from './harness.ts';
import { jobStep, registerStep } from './pipelines-fixture.ts';

useSwitchableSageMaker();

/** What is asked of jobs, models and the registry, with the answers. */
const QUESTIONS: readonly Question[] = [
  [
    'RegisterModel into a group that is not there',
    async () => {
      await create([registerStep('s3://models/model.tar.gz')]);
      return (await run())['PipelineExecutionStatus'];
    },
    [
      [{}, 'Failed'],
      [{ 'register-group': 'made' }, 'Succeeded'],
    ],
  ],
  [
    'a group and a package that are not there',
    async () => [
      await refusal(bench().call('DescribeModelPackageGroup', { ModelPackageGroupName: 'none' })),
      await refusal(bench().call('DescribeModelPackage', { ModelPackageName: 'none' })),
    ],
    [
      [
        {},
        [
          'ValidationException: ModelPackageGroup arn:aws:sagemaker:us-east-1:123456789012:model-package-group/none does not exist.',
          'ValidationException: ModelPackage arn:aws:sagemaker:us-east-1:123456789012:model-package/none does not exist.',
        ],
      ],
      [
        { 'group-not-found': 'cannot-find', 'package-not-found': 'cannot-find' },
        [
          'ValidationException: Cannot find Model Package Group: arn:aws:sagemaker:us-east-1:123456789012:model-package-group/none',
          'ValidationException: Cannot find Model Package: arn:aws:sagemaker:us-east-1:123456789012:model-package/none',
        ],
      ],
    ],
  ],
  [
    'a group that is there already',
    async () => {
      const answer = await refusal(bench().call('CreateModelPackageGroup', { ModelPackageGroupName: 'Group' }));
      return typeof answer === 'string' ? answer.split(':')[0] : 'made';
    },
    [
      [{}, 'ValidationException'],
      [{ 'already-exists': 'conflict' }, 'ConflictException'],
    ],
  ],
  [
    'metadata after an update that names one property',
    async () => {
      const metadata = { CustomerMetadataProperties: { a: '1' } };
      const made = await bench().call('CreateModelPackage', { ...REGISTERED, ...metadata });
      const ModelPackageArn = made['ModelPackageArn'] ?? '';
      await bench().call('UpdateModelPackage', { ModelPackageArn, CustomerMetadataProperties: { b: '2' } });
      const described = await bench().call('DescribeModelPackage', { ModelPackageName: ModelPackageArn });
      return described['CustomerMetadataProperties'];
    },
    [
      [{}, { a: '1', b: '2' }],
      [{ 'metadata-update': 'replace' }, { b: '2' }],
    ],
  ],
  [
    'a list of one entry',
    async () => {
      const made = await bench().call('CreateModelPackage', REGISTERED);
      const input = { ModelPackageGroupName: 'Group', NextToken: 'endless' };
      const listed = await refusal(bench().call('ListModelPackages', input));
      return typeof listed === 'string' ? 'refused' : [listed['NextToken'], made['ModelPackageArn'] !== undefined];
    },
    [
      [{}, 'refused'],
      [{ pages: 'endless' }, ['endless', true]],
    ],
  ],
  [
    'local storage with a key',
    async () => {
      const cluster = { InstanceType: 'ml.g5.xlarge', InstanceCount: 1, VolumeSizeInGB: 30, VolumeKmsKeyId: 'key' };
      await create([jobStep('Job', { arguments: { ProcessingResources: { ClusterConfig: cluster } } })]);
      return (await run())['PipelineExecutionStatus'];
    },
    [
      [{}, 'Failed'],
      [{ 'local-storage': 'unchecked' }, 'Succeeded'],
    ],
  ],
];

test.each(rowsOf(QUESTIONS))('$question: as switched by $switched', async ({ ask, switched, expected }) => {
  switchAnswers(switched);
  expect(await ask()).toEqual(expected);
});

test.each([
  [
    'more than the local storage of ml.g4dn.xlarge',
    'ml.g4dn.xlarge',
    126,
    'VolumeSizeInGB is 126; it cannot be greater than the local storage of ml.g4dn.xlarge, 125 GB.',
  ],
  ['all of the local storage of ml.g4dn.xlarge', 'ml.g4dn.xlarge', 125, undefined],
  ['more on an instance with EBS', 'ml.m5.large', 500, undefined],
])('a volume may be %s, or is refused', async (...[, InstanceType, VolumeSizeInGB, expected]) => {
  const resources = { ProcessingResources: { ClusterConfig: { InstanceType, InstanceCount: 1, VolumeSizeInGB } } };
  await create([jobStep('Job', { arguments: resources })]);
  const reason = text(await firstStep(await run()), 'FailureReason');
  expect(reason?.split('Error Details: ')[1]).toBe(expected);
});

test('Domain and Task of a package are described as they were given', async () => {
  const given = { Domain: 'MACHINE_LEARNING', Task: 'OTHER' };
  const { ModelPackageArn = '' } = await bench().call('CreateModelPackage', { ...REGISTERED, ...given });
  const { Domain, Task } = await bench().call('DescribeModelPackage', { ModelPackageName: ModelPackageArn });
  expect({ Domain, Task }).toEqual(given);
});

test('what a probe made can be removed: packages, then their group; models; a job that runs', async () => {
  const { ModelPackageArn = '' } = await bench().call('CreateModelPackage', REGISTERED);
  const group = { ModelPackageGroupName: 'Group' };
  expect(await refusal(bench().call('DeleteModelPackageGroup', group))).toMatch(
    /^ConflictException: .* has model packages/,
  );
  await bench().call('DeleteModelPackage', { ModelPackageName: ModelPackageArn });
  await bench().call('DeleteModelPackageGroup', group);
  expect(await refusal(bench().call('DescribeModelPackageGroup', group))).toMatch(/does not exist/);
  await bench().call('CreateModel', {
    ModelName: 'm',
    ExecutionRoleArn: ACCOUNT_ROLE,
    PrimaryContainer: { Image: image },
  });
  await bench().call('DeleteModel', { ModelName: 'm' });
  expect(await refusal(bench().call('DescribeModel', { ModelName: 'm' }))).toMatch(/Could not find model/);
  await bench().put('s3://models/code/Long.py', "import time; print('up'); time.sleep(600)");
  const job = { ...object(jobStep('Long'), 'Arguments'), ProcessingJobName: 'long' };
  await bench().call('CreateProcessingJob', job);
  await bench().call('StopProcessingJob', { ProcessingJobName: 'long' });
  const status = async () =>
    (await bench().call('DescribeProcessingJob', { ProcessingJobName: 'long' }))['ProcessingJobStatus'];
  while ((await status()) === 'Stopping') await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await status()).toBe('Stopped');
});
