/** A SageMaker whose answers a test switches, and what tests ask of it. */
import { afterEach, beforeEach } from '@jest/globals';
import { type AnswerBook, type Answers, createAnswerBook } from '../../../embedded-aws/answers.ts';
import type { JsonObject } from '../../../embedded-aws/contracts.ts';
import { object, text } from '../../../embedded-aws/sagemaker/json.ts';
import { type Bench, finish, openBench, stepsOf } from './harness.ts';
import { createInput, definition, registerStep, start } from './pipelines-fixture.ts';

/** Says its region, leaves an exit message, and fails where it is told to. */
export const SCRIPT = `import os, sys
print('region', os.environ.get('AWS_REGION'))
open(os.environ['BSM_CONTAINER_ROOT'] + '/opt/ml/output/message', 'w').write('all said')
sys.exit(int(os.environ.get('CODE', '0')))
`;

/** The input of CreateModelPackage for the group `Group`. */
export const REGISTERED: JsonObject = {
  ...object(registerStep('s3://models/model.tar.gz'), 'Arguments'),
  ModelPackageGroupName: 'Group',
};

export const ACCOUNT_ROLE = 'arn:aws:iam::123456789012:role/SageMakerRole';

interface World {
  readonly bench: Bench;
  readonly answers: AnswerBook;
}

let world: World | undefined;

export function bench(): Bench {
  return switchable().bench;
}

function switchable(): World {
  if (world === undefined) throw new Error('useSwitchableSageMaker() was not called.');
  return world;
}

export function switchAnswers(answers: Answers): void {
  switchable().answers.set(answers);
}

/** One SageMaker a test, with a model, the script of the job `Job`, and a group. */
export function useSwitchableSageMaker(): void {
  beforeEach(async () => {
    const answers = createAnswerBook();
    world = { answers, bench: await openBench({ answers }) };
    await world.bench.put('s3://models/model.tar.gz', 'weights');
    await world.bench.put('s3://models/code/Job.py', SCRIPT);
    await world.bench.call('CreateModelPackageGroup', { ModelPackageGroupName: 'Group' });
  });
  afterEach(async () => await world?.bench.close());
}

export async function create(
  steps: readonly JsonObject[],
  parameters: readonly JsonObject[] = [],
): Promise<JsonObject> {
  return await bench().call('CreatePipeline', createInput(definition(steps, parameters)));
}

export async function update(steps: readonly JsonObject[]): Promise<JsonObject> {
  return await bench().call('UpdatePipeline', { PipelineName: 'pipe', PipelineDefinition: definition(steps) });
}

export async function run(input: JsonObject = {}): Promise<JsonObject> {
  return await finish(bench(), await start(bench(), input));
}

export function arnOf(execution: JsonObject): string {
  return text(execution, 'PipelineExecutionArn') ?? '';
}

export async function firstStep(execution: JsonObject): Promise<JsonObject> {
  return (await stepsOf(bench(), arnOf(execution)))[0] ?? {};
}

/** A question, how it is asked, and the answer under each of some switched forms. */
export type Question = readonly [string, () => Promise<unknown>, readonly (readonly [Answers, unknown])[]];

/** Each question with each of its answers. */
export function rowsOf(questions: readonly Question[]) {
  return questions.flatMap(([question, ask, rows]) =>
    rows.map(([switched, expected]) => ({ question, ask, switched, expected })),
  );
}
