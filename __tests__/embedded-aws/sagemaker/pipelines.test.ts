import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../embedded-aws/contracts.ts';
import { type Bench, finish, openBench, refusal, role, stepsOf } from './harness.ts';
import { createInput, definition, get, jobStep, modelStep, registerStep, start } from './pipelines-fixture.ts';

const pipelineArn = 'arn:aws:sagemaker:us-east-1:123456789012:pipeline/pipe';
const typed = [
  { Name: 'S', Type: 'String' },
  { Name: 'I', Type: 'Integer', DefaultValue: 1 },
  { Name: 'F', Type: 'Float', DefaultValue: 0.5 },
  { Name: 'B', Type: 'Boolean', DefaultValue: false },
  { Name: 'E', Type: 'String', DefaultValue: 'a', EnumValues: ['a', 'b'] },
];

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
  await bench.put('s3://models/model.tar.gz', 'weights');
});
afterEach(async () => await bench.close());

describe('CreatePipeline', () => {
  test('takes a name once, and the same call again', async () => {
    const input = createInput(definition([modelStep()]));
    const first = await bench.call('CreatePipeline', input);
    expect(await bench.call('CreatePipeline', input)).toEqual(first);
    expect(await refusal(bench.call('CreatePipeline', { ...input, PipelineDescription: 'x' }))).toMatch(
      /^ConflictException/,
    );
    expect(await refusal(bench.call('CreatePipeline', { ...input, ClientRequestToken: randomUUID() }))).toBe(
      'ValidationException: Pipeline names must be unique within an AWS account and region. Pipeline with name (pipe) already exists.',
    );
  });

  test('reads a definition from S3', async () => {
    const text = definition([modelStep()]);
    await bench.put('s3://models/definition.json', text);
    const { PipelineDefinition: _inline, ...input } = createInput('');
    await bench.call('CreatePipeline', {
      ...input,
      PipelineDefinitionS3Location: { Bucket: 'models', ObjectKey: 'definition.json' },
    });
    expect((await bench.call('DescribePipeline', { PipelineName: 'pipe' }))['PipelineDefinition']).toBe(text);
  });
});

test('every update is a version that can be described and started', async () => {
  const texts = [definition([modelStep()]), definition([modelStep('s3://models/other.tar.gz')])];
  await bench.call('CreatePipeline', { ...createInput(texts[0] ?? ''), PipelineDescription: 'one' });
  const update = { PipelineName: 'pipe', PipelineDefinition: texts[1] ?? '' };
  expect(await bench.call('UpdatePipeline', update)).toEqual({ PipelineArn: pipelineArn, PipelineVersionId: 2 });
  const describedDefinition = async (more: JsonObject) =>
    (await bench.call('DescribePipeline', { PipelineName: pipelineArn, ...more }))['PipelineDefinition'];
  expect([await describedDefinition({}), await describedDefinition({ PipelineVersionId: 1 })]).toEqual([
    texts[1],
    texts[0],
  ]);
  const arns = [await start(bench), await start(bench, { PipelineVersionId: 1 })];
  const ran: unknown[] = [];
  for (const arn of arns) {
    const execution = await finish(bench, arn);
    const of = await bench.call('DescribePipelineDefinitionForExecution', { PipelineExecutionArn: arn });
    ran.push([execution['PipelineVersionId'], execution['PipelineExecutionStatus'], of['PipelineDefinition']]);
  }
  expect(ran).toEqual([
    [2, 'Failed', texts[1]],
    [1, 'Succeeded', texts[0]],
  ]);
  expect(await refusal(start(bench, { PipelineVersionId: 9 }).then(() => ({})))).toBe(
    `ResourceNotFound: Pipeline ${pipelineArn} has no version 9.`,
  );
});

describe('StartPipelineExecution', () => {
  beforeEach(async () => {
    await bench.call('CreatePipeline', createInput(definition([modelStep()], typed)));
  });
  const begin = async (input: JsonObject) =>
    await refusal(
      bench.call('StartPipelineExecution', { PipelineName: 'pipe', ClientRequestToken: randomUUID(), ...input }),
    );

  test.each<[string, string, string, string]>([
    [
      'an unknown parameter',
      'X',
      '1',
      'Pipeline parameters [X] are not defined in the pipeline definition, which defines [S, I, F, B, E].',
    ],
    ['an integer that is none', 'I', '1.5', "The value '1.5' of the pipeline parameter [I] is not of type Integer."],
    ['a float that is none', 'F', 'x', "The value 'x' of the pipeline parameter [F] is not of type Float."],
    ['a boolean that is none', 'B', 'yes', "The value 'yes' of the pipeline parameter [B] is not of type Boolean."],
    [
      'a value outside of the enumeration',
      'E',
      'c',
      "The value 'c' of the pipeline parameter [E] is not in its enum values [a, b].",
    ],
    ['a parameter twice', 'S', 'y', 'The pipeline parameter [S] is given twice.'],
  ])('refuses %s', async (_name, ...[Name, Value, message]) => {
    expect(
      await begin({
        PipelineParameters: [
          { Name: 'S', Value: 'x' },
          { Name, Value },
        ],
      }),
    ).toBe(`ValidationException: ${message}`);
  });

  test('refuses to go without a parameter that has no default', async () => {
    expect(await begin({})).toBe(
      'ValidationException: The pipeline parameter [S] has no default value and must be given.',
    );
  });

  test('starts once for a token', async () => {
    const input = { ClientRequestToken: randomUUID(), PipelineParameters: [{ Name: 'S', Value: 'x' }] };
    const first = await begin(input);
    expect(await begin(input)).toEqual(first);
    expect(await begin({ ...input, PipelineExecutionDisplayName: 'other' })).toMatch(
      /^ConflictException: The ClientRequestToken/,
    );
  });
});

test('executions are listed newest first, page by page, under their names', async () => {
  await bench.call('CreatePipeline', createInput(definition([modelStep()])));
  for (const name of ['a', 'b', 'c']) await finish(bench, await start(bench, { PipelineExecutionDisplayName: name }));
  const list = async (input: JsonObject) => {
    const answer = await bench.call('ListPipelineExecutions', { PipelineName: 'pipe', ...input });
    const items = answer['PipelineExecutionSummaries'] as JsonObject[];
    return { names: items.map((item) => item['PipelineExecutionDisplayName']), token: answer['NextToken'] ?? null };
  };
  const first = await list({ MaxResults: 2 });
  expect(first.names).toEqual(['c', 'b']);
  expect(await list({ MaxResults: 2, NextToken: first.token })).toEqual({ names: ['a'], token: null });
  expect((await list({ SortOrder: 'Ascending' })).names).toEqual(['a', 'b', 'c']);
  expect((await list({ CreatedAfter: Date.now() / 1000 + 60 })).names).toEqual([]);
});

test('twenty executions run at a time; their pipeline cannot be deleted meanwhile', async () => {
  await bench.put('s3://models/code/Wait.py', 'import time; time.sleep(60)');
  await bench.call('CreatePipeline', createInput(definition([jobStep('Wait')])));
  const arns: string[] = [];
  for (let n = 0; n < 20; n++) arns.push(await start(bench));
  expect(await refusal(start(bench).then(() => ({})))).toMatch(
    /^ResourceLimitExceeded: The account-level service limit 'Number of concurrent pipeline executions' is 20/,
  );
  const input = { PipelineName: 'pipe', ClientRequestToken: randomUUID() };
  expect(await refusal(bench.call('DeletePipeline', input))).toMatch(/^ConflictException: .* has a running execution/);
  for (const PipelineExecutionArn of arns)
    await bench.call('StopPipelineExecution', { PipelineExecutionArn, ClientRequestToken: randomUUID() });
  for (const arn of arns) expect((await finish(bench, arn))['PipelineExecutionStatus']).toBe('Stopped');
  expect(await bench.call('DeletePipeline', input)).toEqual({ PipelineArn: pipelineArn });
  expect(await refusal(bench.call('DescribePipelineExecution', { PipelineExecutionArn: arns[0] ?? '' }))).toMatch(
    /^ResourceNotFound/,
  );
});

describe('selective execution', () => {
  const artifact = get("Steps.Package.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri");
  const archive = { 'Std:Join': { On: '/', Values: [artifact, 'model.tar.gz'] } };
  const select = (steps: string[], source?: string) => ({
    SelectiveExecutionConfig: {
      SelectedSteps: steps.map((StepName) => ({ StepName })),
      ...(source === undefined ? {} : { SourcePipelineExecutionArn: source }),
    },
  });
  const begin = async (input: JsonObject) =>
    await refusal(
      bench.call('StartPipelineExecution', { PipelineName: 'pipe', ClientRequestToken: randomUUID(), ...input }),
    );

  beforeEach(async () => {
    await bench.put(
      's3://models/code/Package.py',
      "open('opt/ml/processing/output/model.tar.gz', 'w').write('packed')",
    );
    const steps = [modelStep(), jobStep('Package', { step: { DependsOn: ['Model'] } }), registerStep(archive)];
    await bench.call('CreatePipeline', createInput(definition(steps)));
  });

  test('takes the results of unselected steps from the source', async () => {
    const source = await start(bench);
    expect((await finish(bench, source))['PipelineExecutionStatus']).toBe('Failed'); // there is no group yet
    await bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' });
    const arn = await start(bench, select(['Register'], source));
    const execution = await finish(bench, arn);
    expect(execution).toMatchObject({ PipelineExecutionStatus: 'Succeeded', ...select(['Register'], source) });
    const steps = await stepsOf(bench, arn);
    expect(steps.map((step) => [step['StepName'], step['SelectiveExecutionResult']])).toEqual([
      ['Package', { SourcePipelineExecutionArn: source }],
      ['Register', undefined],
    ]);
  });

  test('refuses what cannot run', async () => {
    const none = `${pipelineArn}/execution/none00000000`;
    expect(await begin(select(['Nobody']))).toBe(
      "ValidationException: The selected step 'Nobody' is not in the pipeline definition.",
    );
    expect(await begin(select(['Register']))).toMatch(
      /depends on 'Package', which is not selected: SourcePipelineExecutionArn is required/,
    );
    expect(await begin(select(['Model', 'Register'], none))).toMatch(
      /step 'Package' lies on a path between selected steps \(after 'Model'\)/,
    );
    expect(await begin(select(['Register'], none))).toBe(
      `ResourceNotFound: Pipeline execution ${none} does not exist.`,
    );
    await bench.put('s3://models/code/Package.py', 'import sys; sys.exit(1)');
    const source = await start(bench);
    await finish(bench, source);
    expect(await begin(select(['Register'], source))).toMatch(
      /'Package', which did not succeed in the source execution .* \(Failed\)/,
    );
  });

  test('needs no source for steps that need nothing', async () => {
    const arn = await start(bench, select(['Model']));
    expect((await finish(bench, arn))['PipelineExecutionStatus']).toBe('Succeeded');
    expect((await stepsOf(bench, arn)).map((step) => step['StepName'])).toEqual(['Model']);
  });
});

test('an update of what a pipeline is not changes nothing else', async () => {
  await bench.call('CreatePipeline', { ...createInput(definition([modelStep()])), Tags: [{ Key: 'a', Value: 'b' }] });
  await bench.call('UpdatePipeline', {
    PipelineName: 'pipe',
    PipelineDescription: 'new',
    ParallelismConfiguration: { MaxParallelExecutionSteps: 3 },
  });
  expect(await bench.call('DescribePipeline', { PipelineName: 'pipe' })).toEqual({
    PipelineArn: pipelineArn,
    PipelineName: 'pipe',
    PipelineDisplayName: 'pipe',
    PipelineDescription: 'new',
    PipelineDefinition: definition([modelStep()]),
    PipelineStatus: 'Active',
    RoleArn: role,
    CreationTime: expect.any(Number),
    LastModifiedTime: expect.any(Number),
    CreatedBy: { IamIdentity: { Arn: 'arn:aws:iam::123456789012:user/embedded', PrincipalId: 'AKIATEST' } },
    LastModifiedBy: { IamIdentity: { Arn: 'arn:aws:iam::123456789012:user/embedded', PrincipalId: 'AKIATEST' } },
    ParallelismConfiguration: { MaxParallelExecutionSteps: 3 },
  });
});

describe('ListPipelines', () => {
  const names = async (input: JsonObject = {}) =>
    ((await bench.call('ListPipelines', input))['PipelineSummaries'] as JsonObject[]).map((one) => one['PipelineName']);
  beforeEach(async () => {
    for (const name of ['pipe', 'pipe-2', 'other'])
      await bench.call('CreatePipeline', createInput(definition([modelStep()]), name));
  });

  test.each<[string, JsonObject, string[]]>([
    ['newest first', {}, ['other', 'pipe-2', 'pipe']],
    ['by the beginning of their names', { PipelineNamePrefix: 'pipe', SortOrder: 'Ascending' }, ['pipe', 'pipe-2']],
    ['by name', { SortBy: 'Name', SortOrder: 'Ascending' }, ['other', 'pipe', 'pipe-2']],
    ['none of those that AWS manages', { ManagedBy: 'AWS' }, []],
    ['none that is older than all', { CreatedBefore: 1 }, []],
  ])('lists pipelines %s', async (_name, input, wanted) => {
    expect(await names(input)).toEqual(wanted);
  });

  test('tells when a pipeline ran last, and goes on by page', async () => {
    await finish(bench, await start(bench));
    const first = await bench.call('ListPipelines', { MaxResults: 2 });
    const { NextToken = '' } = first;
    const last = await bench.call('ListPipelines', { MaxResults: 2, NextToken });
    expect(last).toEqual({
      PipelineSummaries: [expect.objectContaining({ PipelineArn: pipelineArn, LastExecutionTime: expect.any(Number) })],
    });
  });

  test('lists no pipeline that was deleted', async () => {
    await bench.call('DeletePipeline', { PipelineName: 'pipe', ClientRequestToken: randomUUID() });
    expect(await names()).toEqual(['other', 'pipe-2']);
  });
});
