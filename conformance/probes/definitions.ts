import { DescribePipelineCommand } from '@aws-sdk/client-sagemaker';
import type { Account } from '../account.ts';
import { createPipeline, definition, type JsonObject, modelStep } from '../fixtures.ts';
import { type Answer, needed, outcomeOf } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';

/** What a pipeline definition may hold. Each asks by creating a pipeline, which costs nothing. */

const CREATE = ['sagemaker:CreatePipeline'];

/** Outcome of creating a pipeline for each of the given definitions, under the words that the report has for it. */
export async function outcomes(
  account: Account,
  id: string,
  definitions: Readonly<Record<string, string>>,
): Promise<Answer> {
  const answer: Record<string, string> = {};
  const said: Record<string, string> = {};
  for (const [name, text] of Object.entries(definitions)) {
    const suffix = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    const outcome = await createPipeline(account, `${id}-${suffix}`, text);
    answer[name] = outcomeOf(outcome);
    if (!outcome.ok) said[name] = outcome.said;
  }
  return { ...answer, said };
}

export const REFUSED = 'ValidationException';
export const step = (account: Account, more: JsonObject) => modelStep(account, 'Step', { more });

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
      return { verbatim: PipelineDefinition === sent, 'same as JSON': sameValue };
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
      const without = definition([step(account, {})]);
      const withNull = definition([step(account, {})], { PipelineExperimentConfig: null });
      return await outcomes(account, 'experiment', { 'with null': withNull, 'without it': without });
    },
    judge: oneOf({ 'with null': 'accepted', 'without it': 'accepted' }),
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
      return await outcomes(account, 'backoff', { '2': whole, '2.0': decimal });
    },
    judge: oneOf({ '2': 'accepted', '2.0': 'accepted' }),
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
        DependsOn: withNull('DependsOn'),
        Description: withNull('Description'),
        RetryPolicies: withNull('RetryPolicies'),
      });
    },
    judge: oneOf({ DependsOn: REFUSED, Description: REFUSED, RetryPolicies: REFUSED }),
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
        'at the top': definition([step(account, {})], { Unheard: 1 }),
        'in a step': definition([step(account, { Unheard: 1 })]),
        'in its arguments': definition([inArguments]),
      });
    },
    judge: oneOf({ 'at the top': REFUSED, 'in a step': REFUSED, 'in its arguments': REFUSED }),
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
      return await outcomes(account, 'both', { 'with both': definition([step(account, { RetryPolicies: [policy] })]) });
    },
    judge: oneOf({ 'with both': REFUSED }),
  },
];
