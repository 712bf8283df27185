/** What a pipeline definition may hold. Each asks by creating a pipeline, which costs nothing. */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { CreatePipelineCommand, DescribePipelineCommand } from '@aws-sdk/client-sagemaker';
import type { Account } from '../account.ts';
import { createPipeline, definition, type JsonObject, modelStep, stringParameter, token } from '../fixtures.ts';
import { attempt, needed, outcomeOf } from '../outcome.ts';
import { type Answer, oneOf, type Probe } from '../probe.ts';

const CREATE = ['sagemaker:CreatePipeline'];

/** Outcome of creating a pipeline for each of the given definitions. */
async function outcomes(account: Account, id: string, definitions: Readonly<Record<string, string>>): Promise<Answer> {
  const answer: Record<string, string> = {};
  const said: Record<string, string> = {};
  for (const [name, text] of Object.entries(definitions)) {
    const outcome = await createPipeline(account, `${id}-${name}`, text);
    answer[name] = outcomeOf(outcome);
    if (!outcome.ok) said[name] = outcome.said;
  }
  return { ...answer, said };
}

const REFUSED = 'ValidationException';
const step = (account: Account, more: JsonObject) => modelStep(account, 'Step', { more });
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

export const definitions: readonly Probe[] = [
  {
    id: 'definition-verbatim',
    question: 'Does DescribePipeline return the definition as it was sent, byte by byte?',
    matters: 'An unchanged pipeline is left alone; if AWS rewrote the text, every deployment would update it.',
    assumed: 'The text comes back verbatim, numbers like 2.0 and blanks included.',
    source: 'answers: definitions',
    calls: ['sagemaker:CreatePipeline', 'sagemaker:DescribePipeline'],
    async ask(account) {
      const compact = definition([modelStep(account, 'Step', { more: { Description: 'é, <&> and \\u00e9' } })]);
      const sent = compact.replace('"Parameters":', ' "Parameters" : ');
      needed(await createPipeline(account, 'verbatim', sent));
      const name = account.nameOf('verbatim');
      const { PipelineDefinition } = await account.sagemaker.send(new DescribePipelineCommand({ PipelineName: name }));
      const sameValue = JSON.stringify(JSON.parse(PipelineDefinition ?? 'null')) === JSON.stringify(JSON.parse(sent));
      return { verbatim: PipelineDefinition === sent, sameValue };
    },
    judge: oneOf({ verbatim: true }),
  },
  {
    id: 'experiment-config-null',
    question: 'Are PipelineExperimentConfig null and none at all both taken?',
    matters: 'Our definition says null, so that SageMaker makes no experiment for each execution.',
    assumed: 'Both are accepted.',
    source: 'answers: equal-forms',
    calls: CREATE,
    async ask(account) {
      const withNull = definition([step(account, {})]);
      const without = withNull.replace('"PipelineExperimentConfig":null,', '');
      return await outcomes(account, 'experiment', { null: withNull, absent: without });
    },
    judge: oneOf({ null: 'accepted', absent: 'accepted' }),
  },
  {
    id: 'backoff-rate-forms',
    question: 'Are the retry rates 2 and 2.0 both taken?',
    matters: 'Builders in Python write 2.0, JavaScript writes 2.',
    assumed: 'Both are accepted.',
    source: 'answers: equal-forms',
    calls: CREATE,
    async ask(account) {
      const policies = [{ ExceptionType: ['Step.THROTTLING'], IntervalSeconds: 5, BackoffRate: 2, MaxAttempts: 3 }];
      const whole = definition([step(account, { RetryPolicies: policies })]);
      const decimal = whole.replace('"BackoffRate":2,', '"BackoffRate":2.0,');
      return await outcomes(account, 'backoff', { whole, decimal });
    },
    judge: oneOf({ whole: 'accepted', decimal: 'accepted' }),
  },
  {
    id: 'null-members',
    question: 'Are members of a step that are null refused?',
    matters: 'Our steps leave out what is empty; a builder that writes null instead must be told before AWS tells it.',
    assumed: 'DependsOn, Description and RetryPolicies with null are refused.',
    source: 'design: 4',
    calls: CREATE,
    async ask(account) {
      const withNull = (member: string) => definition([step(account, { [member]: null })]);
      return await outcomes(account, 'null', {
        dependsOn: withNull('DependsOn'),
        description: withNull('Description'),
        retryPolicies: withNull('RetryPolicies'),
      });
    },
    judge: oneOf({ dependsOn: REFUSED, description: REFUSED, retryPolicies: REFUSED }),
  },
  {
    id: 'unknown-members',
    question: 'Are members that no documentation names refused?',
    matters: 'A misspelt member would otherwise be ignored without a word.',
    assumed: 'They are refused at the top, in a step, and in the arguments of a step.',
    source: 'design: 4',
    calls: CREATE,
    async ask(account) {
      const inArguments = { ...step(account, {}), Arguments: { ExecutionRole: 'misspelt' } };
      return await outcomes(account, 'unknown', {
        top: definition([step(account, {})], { Unheard: 1 }),
        step: definition([step(account, { Unheard: 1 })]),
        arguments: definition([inArguments]),
      });
    },
    judge: oneOf({ top: REFUSED, step: REFUSED, arguments: REFUSED }),
  },
  {
    id: 'retry-policy-both-limits',
    question: 'Is a retry policy with both MaxAttempts and ExpireAfterMin refused?',
    matters: 'Our policies give one of them only.',
    assumed: 'It is refused.',
    source: 'design: 4',
    calls: CREATE,
    async ask(account) {
      const policy = { ExceptionType: ['Step.THROTTLING'], MaxAttempts: 2, ExpireAfterMin: 10 };
      return await outcomes(account, 'both', { both: definition([step(account, { RetryPolicies: [policy] })]) });
    },
    judge: oneOf({ both: REFUSED }),
  },
  {
    id: 'definition-size',
    question: 'How large may a definition be, inline and by S3?',
    matters: 'A definition over 100 KiB is handed over by S3.',
    assumed: '150 KiB by S3 are accepted; more than 1 MiB is refused.',
    source: 'design: 11',
    calls: ['sagemaker:CreatePipeline', 's3:PutObject'],
    async ask(account) {
      const sized = (kib: number) => definition([step(account, {})], { Metadata: { Filler: 'x'.repeat(kib * 1024) } });
      return {
        ...(await outcomes(account, 'size', { inline150: sized(150) })),
        s3150: await outcomeFromS3(account, 'size-s3-150', sized(150)),
        s31025: await outcomeFromS3(account, 'size-s3-1025', sized(1025)),
      };
    },
    judge: oneOf({ s3150: 'accepted', s31025: REFUSED }),
  },
  {
    id: 'definition-counts',
    question: 'How many parameters and steps may a definition have, and how long may a step name and a value be?',
    matters: 'What is over a limit is refused before anything is created.',
    assumed: '200 parameters, 1,024 characters a value, 50 steps, 64 characters a step name; one more is refused.',
    source: 'design: 11',
    calls: CREATE,
    async ask(account) {
      const parameters = (count: number) =>
        definition([step(account, {})], { Parameters: many(count, (i) => stringParameter(`P${i}`)) });
      const value = (length: number) =>
        definition([step(account, {})], { Parameters: [stringParameter('P', 'v'.repeat(length))] });
      const named = (name: string) => modelStep(account, name);
      return await outcomes(account, 'counts', {
        parameters200: parameters(200),
        parameters201: parameters(201),
        value1024: value(1024),
        value1025: value(1025),
        steps50: definition(many(50, (i) => named(`Step${i}`))),
        steps51: definition(many(51, (i) => named(`Step${i}`))),
        name64: definition([named('n'.repeat(64))]),
        name65: definition([named('n'.repeat(65))]),
      });
    },
    judge: oneOf({
      parameters200: 'accepted',
      parameters201: REFUSED,
      value1024: 'accepted',
      value1025: REFUSED,
      steps50: 'accepted',
      steps51: REFUSED,
      name64: 'accepted',
      name65: REFUSED,
    }),
  },
];

async function outcomeFromS3(account: Account, what: string, text: string): Promise<string> {
  const { bucket, role } = account.options;
  const key = account.keyOf(`${what}.json`);
  await account.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
  account.made.pipelines.add(account.nameOf(what));
  const request = new CreatePipelineCommand({
    PipelineName: account.nameOf(what),
    PipelineDefinitionS3Location: { Bucket: bucket, ObjectKey: key },
    ClientRequestToken: token(account, what),
    RoleArn: role,
  });
  return outcomeOf(await attempt(account.sagemaker.send(request)));
}
