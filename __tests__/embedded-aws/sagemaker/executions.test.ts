import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AwsError, type JsonObject } from '../../../embedded-aws/contracts.ts';
import { type Bench, finish, memoryState, openBench, refusal, stepsOf } from './harness.ts';
import { createInput, definition, get, jobStep, modelStep, registerStep, start } from './pipelines-fixture.ts';

let bench: Bench;
let faults: AwsError[];

async function open(options: Parameters<typeof openBench>[0] = {}): Promise<void> {
  faults = [];
  bench = await openBench({ stepFault: () => faults.shift(), ...options });
  await bench.put('s3://models/model.tar.gz', 'weights');
  await bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'group' });
}
beforeEach(async () => await open());
afterEach(async () => await bench.close());

async function create(steps: readonly JsonObject[], parameters: readonly JsonObject[] = []): Promise<void> {
  await bench.call('CreatePipeline', createInput(definition(steps, parameters)));
}

async function script(name: string, text: string): Promise<void> {
  await bench.put(`s3://models/code/${name}.py`, text);
}

async function running(arn: string, step: string): Promise<void> {
  for (;;) {
    const found = (await stepsOf(bench, arn)).find((item) => item['StepName'] === step);
    if (found?.['StepStatus'] === 'Executing' && bench.lines.length > 0) return;
    await sleep(10);
  }
}

const gate = () => join(bench.folder, 'gate');

/** A job that ends when it is let, however busy the machine is. */
function untilOpen(): string {
  return `import os, time\nwhile not os.path.exists(${JSON.stringify(gate())}): time.sleep(0.02)`;
}

const brief = (steps: JsonObject[]) =>
  steps.map((step) => [step['StepName'], step['StepStatus'], step['FailureReason']]);

test('a failed step fails the execution, what runs beside it is let finish, nothing more starts', async () => {
  await script('Bad', 'import sys; sys.exit(1)');
  await script('Slow', untilOpen());
  await script('After', '');
  await create([jobStep('Bad'), jobStep('Slow'), jobStep('After', { step: { DependsOn: ['Slow'] } })]);
  const arn = await start(bench);
  while (!(await stepsOf(bench, arn)).some((step) => step['StepStatus'] === 'Failed')) await sleep(10);
  writeFileSync(gate(), '');
  const execution = await finish(bench, arn);
  expect([execution['PipelineExecutionStatus'], execution['FailureReason']]).toEqual([
    'Failed',
    'Step failure: One or multiple steps failed.',
  ]);
  expect(brief(await stepsOf(bench, arn))).toEqual([
    ['Bad', 'Failed', 'ClientError: AlgorithmError: , exit code: 1'],
    ['Slow', 'Succeeded', undefined],
  ]);
});

test('resolved arguments are checked against the API call of the step', async () => {
  await create([modelStep(get('Parameters.Url'))], [{ Name: 'Url', Type: 'String' }]);
  const failed = async (url: string) => {
    const arn = await start(bench, { PipelineParameters: [{ Name: 'Url', Value: url }] });
    await finish(bench, arn);
    return (await stepsOf(bench, arn))[0]?.['FailureReason'];
  };
  expect(await failed('ftp://x')).toBe(
    'ClientError: Failed to invoke sagemaker:CreateModel. Error Details: 1 validation error detected: ' +
      "Value 'ftp://x' at 'primaryContainer.modelDataUrl' failed to satisfy constraint: " +
      'Member must satisfy regular expression pattern: (https|s3)://([^/]+)/?(.*)',
  );
  expect(await failed('s3://models/none.tar.gz')).toBe(
    'ClientError: Failed to invoke sagemaker:CreateModel. Error Details: ' +
      'Could not find model data at s3://models/none.tar.gz. (ModelDataUrl: the bucket has no such object.)',
  );
});

describe('stop', () => {
  test('kills the job and everything it started', async () => {
    const beat = join(bench.folder, 'beat');
    const child = `import time\nwhile True:\n    open(${JSON.stringify(beat)}, 'a').write('.')\n    time.sleep(0.02)`;
    const parent = [
      'import signal, subprocess, sys, time',
      'signal.signal(signal.SIGTERM, signal.SIG_IGN)',
      `subprocess.Popen([sys.executable, '-c', ${JSON.stringify(child)}])`,
      "print('up')",
      'time.sleep(60)',
    ];
    await script('Long', parent.join('\n'));
    await create([jobStep('Long'), modelStep('s3://models/model.tar.gz', { DependsOn: ['Long'] })]);
    const arn = await start(bench);
    await running(arn, 'Long');
    while (!existsSync(beat)) await sleep(10);
    const request = { PipelineExecutionArn: arn, ClientRequestToken: randomUUID() };
    await bench.call('StopPipelineExecution', request);
    const stopping = await bench.call('DescribePipelineExecution', { PipelineExecutionArn: arn });
    expect(stopping['PipelineExecutionStatus']).toBe('Stopping');
    expect((await finish(bench, arn))['PipelineExecutionStatus']).toBe('Stopped');
    expect(brief(await stepsOf(bench, arn))).toEqual([['Long', 'Stopped', undefined]]);
    const beats = (await stat(beat)).size;
    await sleep(100);
    expect((await stat(beat)).size).toBe(beats);
    expect(await refusal(bench.call('StopPipelineExecution', request))).toMatch(
      /^ConflictException: Only an execution that is Executing/,
    );
  });
});

describe('the step cache', () => {
  const cached = (environment: JsonObject = {}) =>
    jobStep('Job', {
      arguments: { Environment: { A: get('Parameters.A'), ...environment } },
      step: { CacheConfig: { Enabled: true, ExpireAfter: 'PT1H' } },
    });
  const runWith = async (value: string) => {
    const arn = await start(bench, { PipelineParameters: [{ Name: 'A', Value: value }] });
    await finish(bench, arn);
    return { arn, step: (await stepsOf(bench, arn))[0] ?? {} };
  };

  test('hits on the same environment, inputs and program, whatever the outputs and the bytes of the inputs', async () => {
    await script('Job', "print('ran')");
    await create([cached()], [{ Name: 'A', Type: 'String' }]);
    const first = await runWith('1');
    await script('Job', "print('changed')");
    const second = await runWith('1');
    const third = await runWith('2');
    const fourth = await runWith('1');
    expect([first, second, third, fourth].map(({ step }) => step['CacheHitResult'])).toEqual([
      { SourcePipelineExecutionArn: '' },
      { SourcePipelineExecutionArn: first.arn },
      { SourcePipelineExecutionArn: '' },
      { SourcePipelineExecutionArn: first.arn },
    ]);
    expect(second.step['Metadata']).toEqual(first.step['Metadata']);
    expect(bench.lines.map((line) => line.message)).toEqual(['ran', 'changed']);
  });

  test('forgets after the time it is told', async () => {
    let nowMs = 1_700_000_000_000;
    await bench.close();
    await open({ clock: { nowMs: () => nowMs } });
    await script('Job', '');
    await create([cached()], [{ Name: 'A', Type: 'String' }]);
    const first = await runWith('1');
    nowMs += 3_600_000;
    expect((await runWith('1')).step['CacheHitResult']).toEqual({ SourcePipelineExecutionArn: first.arn });
    nowMs += 1;
    expect((await runWith('1')).step['CacheHitResult']).toEqual({ SourcePipelineExecutionArn: '' });
  });
});

describe('retry policies', () => {
  const throttled = () => new AwsError('ThrottlingException', 'Rate exceeded');
  const policy = (more: JsonObject = {}) => ({
    ExceptionType: ['Step.THROTTLING', 'Step.SERVICE_FAULT'],
    MaxAttempts: 2,
    ...more,
  });
  const attempts = async (policies: JsonObject[]) => {
    await create([modelStep('s3://models/model.tar.gz', policies.length > 0 ? { RetryPolicies: policies } : {})]);
    const arn = await start(bench);
    await finish(bench, arn);
    const step = (await stepsOf(bench, arn))[0] ?? {};
    return [step['StepStatus'], step['AttemptCount']];
  };
  test.each<[string, () => AwsError[], JsonObject[], [string, number]]>([
    ['retry throttling', () => [throttled(), throttled()], [policy()], ['Succeeded', 3]],
    ['retry a service fault', () => [new AwsError('InternalFailure', 'x', 500)], [policy()], ['Succeeded', 2]],
    ['end after MaxAttempts retries', () => [throttled(), throttled(), throttled()], [policy()], ['Failed', 3]],
    ['leave other errors alone', () => [new AwsError('ValidationException', 'x')], [policy()], ['Failed', 1]],
    ['are needed', () => [throttled()], [], ['Failed', 1]],
    [
      'end at ExpireAfterMin',
      () => [throttled(), throttled()],
      [{ ExceptionType: ['Step.THROTTLING'], ExpireAfterMin: 1, IntervalSeconds: 61 }],
      ['Failed', 1],
    ],
  ])('%s', async (_name, ...[errors, policies, expected]) => {
    faults.push(...errors());
    expect(await attempts(policies)).toEqual(expected);
  });

  test('are named where there is none for the failure', async () => {
    faults.push(throttled());
    await create([modelStep()]);
    const arn = await start(bench);
    await finish(bench, arn);
    expect((await stepsOf(bench, arn))[0]?.['FailureReason']).toBe(
      'ClientError: Failed to invoke sagemaker:CreateModel. Error Details: Rate exceeded\n' +
        `Retry not appropriate on execution of step with PipelineExecutionArn ${arn} and StepId Model. ` +
        'No retry policy configured for the exception type STEP_THROTTLING.',
    );
  });
});

test('a property file of one step gives values to the next', async () => {
  await script('Measure', "open('opt/ml/processing/output/m.json', 'w').write('{\"rows\": [{\"n\": 42}]}')");
  await script('Use', "import os; print('n is ' + os.environ['N'])");
  const file = { PropertyFileName: 'Numbers', OutputName: 'out', FilePath: 'm.json' };
  const jsonGet = { 'Std:JsonGet': { PropertyFile: get('Steps.Measure.PropertyFiles.Numbers'), Path: 'rows[0].n' } };
  const joined = { 'Std:Join': { On: '', Values: [jsonGet] } };
  await create([
    jobStep('Use', { arguments: { Environment: { N: joined } } }),
    jobStep('Measure', { step: { PropertyFiles: [file] } }),
  ]);
  const arn = await start(bench);
  await finish(bench, arn);
  expect(brief(await stepsOf(bench, arn))).toEqual([
    ['Measure', 'Succeeded', undefined],
    ['Use', 'Succeeded', undefined],
  ]);
  expect(bench.lines.map((line) => line.message)).toEqual(['n is 42']);
});

test('steps run side by side, or as many at a time as they may', async () => {
  for (const name of ['A', 'B', 'C']) await script(name, 'import time; time.sleep(0.2)');
  await create([jobStep('A'), jobStep('B'), jobStep('C')]);
  const overlaps = async (input: JsonObject) => {
    const arn = await start(bench, input);
    await finish(bench, arn);
    const steps = await stepsOf(bench, arn);
    const spans = steps.map((step) => [Number(step['StartTime']), Number(step['EndTime'])] as const);
    return spans.filter(([begin], index) => index > 0 && begin < (spans[index - 1]?.[1] ?? 0)).length;
  };
  expect(await overlaps({})).toBe(2);
  expect(await overlaps({ ParallelismConfiguration: { MaxParallelExecutionSteps: 1 } })).toBe(0);
});

test('an execution that the server died under has failed after the restart, what was done is still there', async () => {
  const state = memoryState();
  await bench.close();
  await open({ state });
  await script('Long', "import time; print('up'); time.sleep(60)");
  await create([modelStep(), jobStep('Long', { step: { DependsOn: ['Model'] } })]);
  const arn = await start(bench);
  await running(arn, 'Long');
  const cut = bench;
  bench = await openBench({ state, store: cut.store });
  const execution = await bench.call('DescribePipelineExecution', { PipelineExecutionArn: arn });
  expect([execution['PipelineExecutionStatus'], execution['FailureReason']]).toEqual([
    'Failed',
    'Internal failure: the embedded AWS was stopped while this execution ran. Start it again.',
  ]);
  expect((await stepsOf(bench, arn)).map((step) => step['StepStatus'])).toEqual(['Succeeded', 'Failed']);
  await cut.close();
});

test('registrations count up, a used client token registers once', async () => {
  await create([registerStep('s3://models/model.tar.gz')]);
  const versions: unknown[] = [];
  for (let n = 0; n < 2; n++) {
    const arn = await start(bench);
    await finish(bench, arn);
    versions.push((await stepsOf(bench, arn))[0]?.['Metadata']);
  }
  const packageArn = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/group';
  expect(versions).toEqual([
    { RegisterModel: { Arn: `${packageArn}/1` } },
    { RegisterModel: { Arn: `${packageArn}/2` } },
  ]);
});
