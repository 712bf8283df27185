import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '../../../embedded-aws/contracts.ts';
import { type Bench, openBench, refusal, role, savedDefinition } from './harness.ts';
import { createInput, definition, get, jobStep, modelStep, registerStep } from './pipelines-fixture.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => await bench.close());

test.each(['model-and-packaging', 'processing-vpc-kms-env', 'register-model-join', 'retry-policies'])(
  'the definition %s that AWS own SDK wrote is taken as it is',
  async (name) => {
    const input = createInput(await savedDefinition(`${name}.json`), name);
    expect(await refusal(bench.call('CreatePipeline', input))).toEqual({
      PipelineArn: `arn:aws:sagemaker:us-east-1:123456789012:pipeline/${name}`,
    });
  },
);

const job = jobStep('Package');
const jobArguments = job['Arguments'] as JsonObject;

function root(change: JsonObject): string {
  return JSON.stringify({ ...(JSON.parse(definition([modelStep()])) as JsonObject), ...change });
}

function withStep(change: JsonObject): string {
  return definition([{ ...job, ...change }]);
}

function withRetry(type: string, policy: Json): string {
  const step = type === 'Model' ? modelStep() : type === 'RegisterModel' ? registerStep('s3://b/m.tar.gz') : job;
  return definition([{ ...step, RetryPolicies: [policy] }]);
}

function withEnvironment(value: Json, parameters: JsonObject[] = []): string {
  const step = { ...job, Arguments: { ...jobArguments, Environment: { A: value } } };
  return definition([modelStep(), step], parameters);
}

const refused: [name: string, definition: string, message: RegExp][] = [
  ['no JSON', '{', /It is not JSON/],
  ['a list', '[]', /Expecting start of Json Object/],
  ['another version', root({ Version: '2021-01-01' }), /Version is "2021-01-01"; expected "2020-12-01"/],
  ['an unknown member', root({ Stages: [] }), /Unknown member 'Stages' in the definition/],
  ['steps that are no list', root({ Steps: {} }), /Expecting start of Json Array. \(Steps is {}\)/],
  ['no steps', root({ Steps: [] }), /There are 0 steps; expected 1 to 50/],
  [
    '51 steps',
    definition(Array.from({ length: 51 }, (_, n) => modelStep('s3://b/m.tar.gz', { Name: `M${n}` }))),
    /There are 51 steps/,
  ],
  ['a parameter of no type', root({ Parameters: [{ Name: 'A' }] }), /Parameter 'A' has the Type missing/],
  [
    'a default of another type',
    root({ Parameters: [{ Name: 'A', Type: 'Integer', DefaultValue: 'x' }] }),
    /DefaultValue "x", which is not of type Integer/,
  ],
  [
    'a default outside of the enumeration',
    root({ Parameters: [{ Name: 'A', Type: 'String', DefaultValue: 'x', EnumValues: ['y'] }] }),
    /none of its EnumValues \["y"\]/,
  ],
  [
    'a parameter declared twice',
    root({
      Parameters: [
        { Name: 'A', Type: 'String' },
        { Name: 'A', Type: 'String' },
      ],
    }),
    /'A' is declared twice/,
  ],
  [
    '201 parameters',
    root({ Parameters: Array.from({ length: 201 }, (_, n) => ({ Name: `P${n}`, Type: 'String' })) }),
    /There are 201 parameters; the limit is 200/,
  ],
  ['a step name with a dot', withStep({ Name: 'a.b' }), /step name "a.b" must have 1 to 64/],
  ['two steps of a name', definition([job, job]), /two steps of the name 'Package'/],
  ['a step of a type not run here', withStep({ Type: 'Training' }), /not supported by the embedded AWS/],
  ['a step of an unknown type', withStep({ Type: 'Magic' }), /Unknown step type "Magic"/],
  ['an unknown key of a step', withStep({ Depends: [] }), /Unknown member 'Depends' in step 'Package'/],
  ['a dependency that is not there', withStep({ DependsOn: ['Nobody'] }), /depends on 'Nobody', which does not exist/],
  ['a dependency on itself', withStep({ DependsOn: ['Package'] }), /in a circle: Package -> Package/],
  [
    'a circle by reference',
    definition([
      { ...job, DependsOn: ['Register'] },
      registerStep(get('Steps.Package.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri')),
    ]),
    /Package -> Register -> Package/,
  ],
  ['an undeclared parameter', withEnvironment(get('Parameters.X')), /the parameter 'X', which is not declared/],
  ['a step that is not there', withEnvironment(get('Steps.X.ModelName')), /the step 'X', which does not exist/],
  [
    'a property that no model has',
    withEnvironment(get('Steps.Model.Name')),
    /'Steps.Model.Name', a property that steps of type Model do not have/,
  ],
  ['an unknown execution variable', withEnvironment(get('Execution.Id')), /expected Parameters.<name>/],
  ['a reference that is none', withEnvironment(get('Foo')), /The reference {"Get": "Foo"} is not one/],
  ['an unknown function', withEnvironment({ 'Std:Upper': 'x' }), /Unknown function 'Std:Upper'/],
  [
    'a join of an object',
    withEnvironment({ 'Std:Join': { On: '', Values: [{ a: 1 }] } }),
    /Std:Join cannot join {"a":1}/,
  ],
  [
    'a property file that is not declared',
    withEnvironment({ 'Std:JsonGet': { PropertyFile: get('Steps.Model.PropertyFiles.F'), Path: 'a' } }),
    /property file 'F', which step 'Model' does not declare/,
  ],
  [
    'an output that is not there',
    definition([job, registerStep(get("Steps.Package.ProcessingOutputConfig.Outputs['nope'].S3Output.S3Uri"))]),
    /step 'Package' has no output 'nope'/,
  ],
  [
    'an unknown argument',
    withStep({ Arguments: { ...jobArguments, ProcessingJobName: 'x' } }),
    /Unknown Argument member 'ProcessingJobName'/,
  ],
  [
    'an unknown argument deep inside',
    withStep({ Arguments: { ...jobArguments, StoppingCondition: { MaxRuntimeInSeconds: 1, MaxWait: 1 } } }),
    /Unknown Argument member 'MaxWait'. \(step 'Package': StoppingCondition.MaxWait\)/,
  ],
  [
    'a literal over its limit',
    withEnvironment('x'.repeat(257)),
    /Arguments of step 'Package': 1 validation error detected: .*Map value must satisfy constraint: \[Member must have length less than or equal to 256\]/,
  ],
  [
    'a missing argument',
    withStep({ Arguments: { RoleArn: role } }),
    /'processingResources' failed to satisfy constraint: Member must not be null/,
  ],
  ['a list where an object belongs', withStep({ Arguments: [] }), /Expecting start of Json Object/],
  [
    'both ends of a retry policy',
    withRetry('Processing', { ExceptionType: ['Step.THROTTLING'], MaxAttempts: 2, ExpireAfterMin: 5 }),
    /both MaxAttempts and ExpireAfterMin/,
  ],
  [
    '21 attempts',
    withRetry('Processing', { ExceptionType: ['Step.THROTTLING'], MaxAttempts: 21 }),
    /MaxAttempts .* is 21; expected an integer of 1 to 20/,
  ],
  [
    'an interval of 0',
    withRetry('Processing', { ExceptionType: ['Step.THROTTLING'], IntervalSeconds: 0 }),
    /IntervalSeconds .* is 0; expected an integer of 1 or more/,
  ],
  [
    'a backoff under 1',
    withRetry('Processing', { ExceptionType: ['Step.THROTTLING'], BackoffRate: 0.5 }),
    /BackoffRate .* is 0.5; expected a number of 1 or more/,
  ],
  ['no exception type', withRetry('Processing', { MaxAttempts: 1 }), /ExceptionType .* is missing/],
  [
    'a job exception on a model step',
    withRetry('Model', { ExceptionType: ['SageMaker.CAPACITY_ERROR'] }),
    /for a step of type Model it can hold Step.SERVICE_FAULT, Step.THROTTLING/,
  ],
  [
    'a job exception on a registration',
    withRetry('RegisterModel', { ExceptionType: ['SageMaker.RESOURCE_LIMIT'] }),
    /for a step of type RegisterModel/,
  ],
  [
    'a cached model step',
    definition([modelStep('s3://b/m.tar.gz', { CacheConfig: { Enabled: true, ExpireAfter: 'P1D' } })]),
    /steps of type Model cannot be cached/,
  ],
  [
    'a cached registration',
    definition([registerStep('s3://b/m.tar.gz', { CacheConfig: { Enabled: false } })]),
    /steps of type RegisterModel cannot be cached/,
  ],
  [
    'a duration that is none',
    withStep({ CacheConfig: { Enabled: true, ExpireAfter: '30d' } }),
    /ISO 8601 duration like P30D/,
  ],
  [
    'a megabyte and more',
    definition([modelStep('s3://b/m.tar.gz', { Description: 'ü'.repeat(600_000) })]),
    /bytes; the limit is 1048576/,
  ],
];

describe('CreatePipeline refuses a definition with', () => {
  test.each(refused)('%s', async (_name, text, message) => {
    const answer = await refusal(bench.call('CreatePipeline', createInput(text, 'refused')));
    expect(answer).toMatch(/^ValidationException: Unable to parse pipeline definition\. /);
    expect(answer).toMatch(message);
  });

  test('and UpdatePipeline refuses it too, the pipeline stays as it was', async () => {
    await bench.call('CreatePipeline', createInput(definition([job]), 'updated'));
    const answer = await refusal(bench.call('UpdatePipeline', { PipelineName: 'updated', PipelineDefinition: '{' }));
    expect(answer).toMatch(/Unable to parse pipeline definition/);
    const pipeline = await bench.call('DescribePipeline', { PipelineName: 'updated' });
    expect(pipeline['PipelineDefinition']).toBe(definition([job]));
  });
});

test('durations are ISO 8601', async () => {
  const taken = async (ExpireAfter: string, name: string) => {
    const text = withStep({ CacheConfig: { Enabled: true, ExpireAfter } });
    return typeof (await refusal(bench.call('CreatePipeline', createInput(text, name)))) === 'object';
  };
  const durations = ['P30D', 'PT1H30M', 'P1Y2M3W4DT5H6M7S', 'P', 'PT', '30D', 'P1.5D', ''];
  const answers: boolean[] = [];
  for (const [index, duration] of durations.entries()) answers.push(await taken(duration, `duration-${index}`));
  expect(answers).toEqual([true, true, true, false, false, false, false, false]);
});
