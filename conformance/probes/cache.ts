import { DescribeProcessingJobCommand } from '@aws-sdk/client-sagemaker';
import type { Account } from '../account.ts';
import { replaceObject } from '../fixtures.ts';
import { inspection, runJob } from '../jobs.ts';
import { type Answer, attempt, outcomeOf } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';
import { cacheForm, lastPart } from './steps.ts';

/** What the step cache compares. */

/** Two jobs where the cache is what we take it for. */
const SEQUENCE = ['inspection', 'inspection with a changed environment'];

const CALLS = ['sagemaker:StartPipelineExecution', 'sagemaker:ListPipelineExecutionSteps'];

/** Runs of one pipeline come one after another: each must find only what came before it. */
function sequence(account: Account): Promise<Readonly<Record<'same' | 'replaced' | 'changed', Answer>>> {
  return account.once('cache sequence', async () => {
    const { pipeline, run } = await inspection(account);
    const again = async (what: string, value?: string): Promise<Answer> => {
      const { step } = await runJob(account, pipeline, { what, ...(value === undefined ? {} : { value }) });
      const source = step.CacheHitResult?.SourcePipelineExecutionArn ?? '';
      return {
        CacheHitResult: cacheForm(step),
        'ARN of the first execution': source === run.arn,
        status: step.StepStatus ?? null,
      };
    };
    const same = await again('cache-same');
    await replaceObject(account, 'data/data.txt', 'second');
    return { same, replaced: await again('cache-replaced'), changed: await again('cache-changed', 'two') };
  });
}

const HIT = oneOf({ CacheHitResult: 'an ARN', 'ARN of the first execution': true });

export const cache: readonly Probe[] = [
  {
    id: 'cache-hit',
    question: 'How does a step tell that its result is that of an earlier execution?',
    matters: 'The package of a cached step is the one of that execution.',
    assumed: 'CacheHitResult holds the ARN of the execution that ran the job.',
    source: 'answers: cache-result',
    needs: ['jobs'],
    jobs: SEQUENCE,
    calls: CALLS,
    ask: async (account) => (await sequence(account)).same,
    judge: HIT,
  },
  {
    id: 'cache-input-replaced',
    question: 'Is a step served from the cache when the object behind an input has been replaced?',
    matters: 'Then the identity of the model has to be in the environment: else an old package would be registered.',
    assumed: 'Yes: inputs are compared by path only.',
    source: 'answers: cache-key',
    needs: ['jobs'],
    jobs: SEQUENCE,
    calls: CALLS,
    ask: async (account) => (await sequence(account)).replaced,
    judge: HIT,
  },
  {
    id: 'cache-environment-changed',
    question: 'Does another value in the environment keep a step from the cache?',
    matters: 'The identity of the model is there for that reason.',
    assumed: 'Yes: the job runs again.',
    source: 'answers: cache-key',
    needs: ['jobs'],
    jobs: SEQUENCE,
    calls: CALLS,
    ask: async (account) => (await sequence(account)).changed,
    judge: oneOf({ CacheHitResult: 'absent' }, { CacheHitResult: 'empty' }),
  },
  {
    id: 'job-arn-case',
    question: 'Is a job found by the name in its ARN, and does its name keep the case of the step name?',
    matters: 'Log streams begin with the name, not with what the ARN holds.',
    assumed: 'DescribeProcessingJob takes the name of the ARN and answers the name as it was made.',
    source: 'answers: arn-case',
    needs: ['jobs'],
    jobs: ['inspection'],
    calls: ['sagemaker:DescribeProcessingJob'],
    async ask(account) {
      const { run } = await inspection(account);
      const inArn = lastPart(run.step.Metadata?.ProcessingJob?.Arn);
      const found = await attempt(
        account.sagemaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: inArn })),
      );
      const name = found.ok ? (found.value.ProcessingJobName ?? '') : '';
      return {
        arn: inArn === inArn.toLowerCase() ? 'lower case' : 'case kept',
        found: outcomeOf(found),
        name: /-RunJob-/.test(name) ? 'case kept' : 'changed',
      };
    },
    judge: oneOf({ found: 'accepted', name: 'case kept' }),
  },
];
