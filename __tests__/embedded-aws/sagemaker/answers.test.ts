import { describe, expect, test } from '@jest/globals';
import type { Answers } from '../../../embedded-aws/answers.ts';
import type { JsonObject } from '../../../embedded-aws/contracts.ts';
import { object, objects, text } from '../../../embedded-aws/sagemaker/json.ts';
import {
  ACCOUNT_ROLE,
  arnOf,
  bench,
  create,
  firstStep,
  type Question,
  REGISTERED,
  rowsOf,
  run,
  SCRIPT,
  switchAnswers,
  update,
  useSwitchableSageMaker,
} from './answers-fixture.ts';
import { image, refusal, stepsOf } from './harness.ts';
import { createInput, definition, get, jobStep, modelStep, registerStep, start } from './pipelines-fixture.ts';

useSwitchableSageMaker();

/** What is asked of pipelines and executions, with the answers. */
const QUESTIONS: readonly Question[] = [
  [
    'CacheHitResult of a step without a hit',
    async () => {
      await create([modelStep()]);
      return (await firstStep(await run()))['CacheHitResult'];
    },
    [
      [{ 'cache-hit': 'empty' }, { SourcePipelineExecutionArn: '' }],
      [{ 'cache-hit': 'absent' }, undefined],
    ],
  ],
  [
    'the name of a job in its ARN, and in DescribeProcessingJob by the name of the ARN',
    async () => {
      await create([jobStep('Job')]);
      const metadata = object(await firstStep(await run()), 'Metadata') ?? {};
      const arn = text(object(metadata, 'ProcessingJob') ?? {}, 'Arn') ?? '';
      const ProcessingJobName = arn.split('/')[1] ?? '';
      const job = await bench().call('DescribeProcessingJob', { ProcessingJobName });
      const name = text(job, 'ProcessingJobName') ?? '';
      return [/-Job-/.test(name), arn.endsWith(name), bench().lines[0]?.stream.startsWith(`${name}/`)];
    },
    [
      [{ 'arn-names': 'lower' }, [true, false, true]],
      [{ 'arn-names': 'kept' }, [true, true, true]],
    ],
  ],
  [
    'the name of a group in the ARN of a package',
    async () => {
      const { ModelPackageArn } = await bench().call('CreateModelPackage', REGISTERED);
      return typeof ModelPackageArn === 'string' ? ModelPackageArn.split(':').at(-1) : undefined;
    },
    [
      [{ 'arn-names': 'lower' }, 'model-package/group/1'],
      [{ 'arn-names': 'kept' }, 'model-package/Group/1'],
    ],
  ],
  [
    'DescribeModel by a name in lower case',
    async () => {
      await bench().call('CreateModel', {
        ModelName: 'Cased',
        ExecutionRoleArn: ACCOUNT_ROLE,
        PrimaryContainer: { Image: image },
      });
      const answer = await refusal(bench().call('DescribeModel', { ModelName: 'cased' }));
      return typeof answer === 'string' ? answer.slice(0, 40) : answer['ModelName'];
    },
    [
      [{}, 'Cased'],
      [{ 'describe-names': 'exact' }, 'ValidationException: Could not find mode'],
    ],
  ],
  [
    'the status of an execution that succeeded',
    async () => {
      await create([modelStep()]);
      const arn = arnOf(await run());
      const [summary] = objects(
        await bench().call('ListPipelineExecutions', { PipelineName: 'pipe' }),
        'PipelineExecutionSummaries',
      );
      const described = await bench().call('DescribePipelineExecution', { PipelineExecutionArn: arn });
      return [described['PipelineExecutionStatus'], summary?.['PipelineExecutionStatus']];
    },
    [
      [{}, ['Succeeded', 'Succeeded']],
      [{ 'success-status': 'CompletedWithFailures' }, ['CompletedWithFailures', 'CompletedWithFailures']],
      [{ 'success-status': 'Unheard' }, ['Unheard', 'Unheard']],
    ],
  ],
  [
    'the status of an execution with a failed step, and its exit message',
    async () => {
      await create([jobStep('Job', { arguments: { Environment: { CODE: '3' } } })]);
      const execution = await run();
      const metadata = object(await firstStep(execution), 'Metadata') ?? {};
      const arn = text(object(metadata, 'ProcessingJob') ?? {}, 'Arn') ?? '';
      const job = await bench().call('DescribeProcessingJob', { ProcessingJobName: arn.split('/')[1] ?? '' });
      return [execution['PipelineExecutionStatus'], job['ExitMessage'], bench().lines[0]?.message];
    },
    [
      [{}, ['Failed', 'all said', 'region us-east-1']],
      [{ 'failure-status': 'CompletedWithFailures' }, ['CompletedWithFailures', 'all said', 'region us-east-1']],
      [{ 'exit-message': 'untold', 'job-region': 'absent' }, ['Failed', undefined, 'region None']],
    ],
  ],
  [
    'the versions that create, update and start tell',
    async () => {
      await create([modelStep()]);
      const updated = await update([modelStep(), jobStep('Job')]);
      const execution = await run({ PipelineVersionId: 1 });
      const steps = (await stepsOf(bench(), arnOf(execution))).length;
      return [updated['PipelineVersionId'], execution['PipelineVersionId'], steps];
    },
    [
      [{}, [2, 1, 1]],
      [{ 'update-version': 'untold', 'execution-version': 'untold' }, [undefined, undefined, 1]],
      [{ 'start-version': 'ignored' }, [2, 2, 2]],
    ],
  ],
  [
    'whether definitions come back as they were given',
    async () => {
      await create([modelStep()]);
      const given = definition([modelStep()]);
      const arn = arnOf(await run());
      const described = await bench().call('DescribePipeline', { PipelineName: 'pipe', PipelineVersionId: 1 });
      const ran = await bench().call('DescribePipelineDefinitionForExecution', { PipelineExecutionArn: arn });
      return [described['PipelineDefinition'] === given, ran['PipelineDefinition'] === given];
    },
    [
      [{}, [true, true]],
      [{ 'pipeline-definition': 'reformatted' }, [false, true]],
      [{ 'execution-definition': 'reformatted' }, [true, false]],
    ],
  ],
  [
    'a definition with a null member, and parameters in metadata',
    async () => {
      const metadata = { CustomerMetadataProperties: { run: get('Parameters.Run') } };
      const step = registerStep('s3://models/model.tar.gz');
      const steps = [{ ...step, Arguments: { ...object(step, 'Arguments'), ...metadata } }];
      const answer = await refusal(create(steps, [{ Name: 'Run', Type: 'String', DefaultValue: '1' }]));
      return typeof answer === 'string' ? answer : 'taken';
    },
    [
      [{}, 'taken'],
      [
        { 'null-members': 'refused' },
        'ValidationException: Unable to parse pipeline definition. PipelineExperimentConfig is null; leave out what has no value.',
      ],
      [
        { 'metadata-parameters': 'refused' },
        "ValidationException: Unable to parse pipeline definition. CustomerMetadataProperties.run of step 'Register' must be a string.",
      ],
    ],
  ],
  [
    'a definition of more than 100 KiB in the request',
    async () => {
      const parameters = Array.from({ length: 120 }, (_, n) => ({
        Name: `P${n}`,
        Type: 'String',
        DefaultValue: 'x'.repeat(900),
      }));
      const long = definition([modelStep()], parameters);
      const answer = await refusal(bench().call('CreatePipeline', createInput(long)));
      return typeof answer === 'string' ? answer.slice(0, 60) : 'taken';
    },
    [
      [{}, 'taken'],
      [{ 'inline-definition': '100-kib' }, 'ValidationException: Unable to parse pipeline definition. It'],
    ],
  ],
  [
    'a start that is repeated with its token',
    async () => {
      await create([modelStep()]);
      const token = { ClientRequestToken: 'x'.repeat(32) };
      const [one, two] = [arnOf(await run(token)), arnOf(await run(token))];
      return one === two;
    },
    [
      [{}, true],
      [{ 'request-token': 'ignored' }, false],
    ],
  ],
  [
    'the cache after a change of the environment, and of an input under the same path',
    async () => {
      const cached = (run: string) =>
        jobStep('Job', {
          arguments: { Environment: { RUN: run } },
          step: { CacheConfig: { Enabled: true, ExpireAfter: 'PT1H' } },
        });
      const hit = async () => (await firstStep(await run()))['CacheHitResult'] !== undefined;
      await create([cached('1')]);
      await run();
      await bench().put('s3://models/code/Job.py', `${SCRIPT}# changed`);
      const content = await hit();
      await update([cached('2')]);
      return { content, environment: await hit() };
    },
    [
      [{ 'cache-hit': 'absent' }, { content: true, environment: false }],
      [
        { 'cache-hit': 'absent', 'cache-environment': 'ignored' },
        { content: true, environment: true },
      ],
      [
        { 'cache-hit': 'absent', 'cache-inputs': 'by-content' },
        { content: false, environment: false },
      ],
    ],
  ],
];

test.each(rowsOf(QUESTIONS))('$question: as switched by $switched', async ({ ask, switched, expected }) => {
  switchAnswers(switched);
  expect(await ask()).toEqual(expected);
});

const select = (names: readonly string[], source: string): JsonObject => ({
  SelectiveExecutionConfig: {
    SelectedSteps: names.map((StepName) => ({ StepName })),
    SourcePipelineExecutionArn: source,
  },
});

describe('a selective start', () => {
  const both = [modelStep(), jobStep('Job', { step: { DependsOn: ['Model'] } })];

  async function sourced(by: 'run' | 'selective' | 'other version' | 'new step'): Promise<string> {
    if (by === 'new step') {
      await create([modelStep()]);
      const source = arnOf(await run());
      await update(both);
      return source;
    }
    await create(both);
    const source = arnOf(await run());
    if (by === 'other version') await update([...both, jobStep('More')]);
    return by === 'selective' ? arnOf(await run(select(['Job'], source))) : source;
  }

  test.each<['run' | 'selective' | 'other version' | 'new step', Answers]>([
    ['run', { 'selective-source': 'refused' }],
    ['selective', { 'selective-of-selective': 'refused' }],
    ['other version', { 'selective-other-version': 'refused' }],
    ['new step', { 'selective-new-step': 'refused' }],
  ])('from a source by "%s" is taken, or refused as switched: %j', async (by, switched) => {
    const source = await sourced(by);
    const taken = await run(select(['Job'], source));
    switchAnswers(switched);
    const refused = await start(bench(), select(['Job'], source)).catch((error: Error) => error.message);
    expect([taken['PipelineExecutionStatus'], refused]).toEqual([
      'Succeeded',
      expect.stringContaining(`Invalid SourcePipelineExecutionArn: ${source} `),
    ]);
  });
});

test('versions of a pipeline are listed, the newest first, with the execution that ran them last', async () => {
  await create([modelStep()]);
  await bench().call('UpdatePipeline', { PipelineName: 'pipe', PipelineDescription: 'second' });
  const arn = arnOf(await run({ PipelineVersionId: 1 }));
  const PipelineArn = 'arn:aws:sagemaker:us-east-1:123456789012:pipeline/pipe';
  expect(await bench().call('ListPipelineVersions', { PipelineName: 'pipe' })).toEqual({
    PipelineVersionSummaries: [
      { PipelineArn, PipelineVersionId: 2, CreationTime: expect.any(Number), PipelineVersionDescription: 'second' },
      { PipelineArn, PipelineVersionId: 1, CreationTime: expect.any(Number), LastExecutionPipelineExecutionArn: arn },
    ],
  });
});
