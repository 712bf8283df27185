/** What an execution and its steps tell of themselves. */
import {
  DescribeModelCommand,
  ListPipelineExecutionStepsCommand,
  type PipelineExecutionStep,
} from '@aws-sdk/client-sagemaker';
import { stepOf } from '../executions.ts';
import { attempt, outcomeOf } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';
import { failedRun, sharedRun } from './run.ts';

/** In which form a step tells that its result does not come from the cache. */
export function cacheForm(step: PipelineExecutionStep): string {
  if (step.CacheHitResult === undefined) return 'absent';
  return (step.CacheHitResult.SourcePipelineExecutionArn ?? '') === '' ? 'empty' : 'an ARN';
}

export function lastPart(arn: string | undefined): string {
  return arn?.split('/').at(-1) ?? '';
}

export const steps: readonly Probe[] = [
  {
    id: 'status-of-success',
    question: 'With which status does an execution end whose steps all succeeded?',
    matters: 'Only this status makes the job green.',
    assumed: 'Succeeded.',
    source: 'answers: statuses',
    calls: ['sagemaker:DescribePipelineExecution'],
    ask: async (account) => ({ status: (await sharedRun(account)).end.PipelineExecutionStatus ?? null }),
    judge: oneOf({ status: 'Succeeded' }),
  },
  {
    id: 'status-of-failure',
    question: 'With which status does an execution end in which one of two steps failed, and what does the step say?',
    matters: 'A status that we do not know must still be a red job; the reason is what the user reads.',
    assumed: 'Failed or CompletedWithFailures; the step says "Failed to invoke sagemaker:CreateModel".',
    source: 'answers: statuses',
    calls: ['sagemaker:DescribePipelineExecution', 'sagemaker:ListPipelineExecutionSteps'],
    async ask(account) {
      const { arn, end } = await failedRun(account);
      const { StepStatus, FailureReason = '' } = await stepOf(account, arn, 'Fails');
      const words = /Failed to invoke sagemaker:CreateModel/.test(FailureReason) ? 'as assumed' : 'others';
      return { status: end.PipelineExecutionStatus ?? null, step: StepStatus ?? null, words, said: FailureReason };
    },
    judge: oneOf(
      { status: 'Failed', step: 'Failed', words: 'as assumed' },
      { status: 'CompletedWithFailures', step: 'Failed', words: 'as assumed' },
    ),
  },
  {
    id: 'step-without-cache-hit',
    question: 'What does ListPipelineExecutionSteps say of the cache for a step that ran?',
    matters: 'A step that says it came from the cache is told as such, and its earlier execution is looked at.',
    assumed: 'No CacheHitResult, or one whose ARN is empty: both mean that the step ran.',
    source: 'answers: cache-result',
    calls: ['sagemaker:ListPipelineExecutionSteps'],
    async ask(account) {
      const { arn } = await sharedRun(account);
      return { CacheHitResult: cacheForm(await stepOf(account, arn, 'MakeModel')) };
    },
    judge: oneOf({ CacheHitResult: 'absent' }, { CacheHitResult: 'empty' }),
  },
  {
    id: 'step-metadata',
    question: 'Where does a step name what it made?',
    matters: 'Model name, job and package are found through it.',
    assumed: 'Metadata.Model.Arn and Metadata.RegisterModel.Arn.',
    source: 'answers: step-metadata',
    calls: ['sagemaker:ListPipelineExecutionSteps'],
    async ask(account) {
      const { arn } = await sharedRun(account);
      const model = await stepOf(account, arn, 'MakeModel');
      const register = await stepOf(account, arn, 'Register');
      const has = (text: string | undefined) => text?.startsWith('arn:') === true;
      return {
        'Metadata.Model.Arn': has(model.Metadata?.Model?.Arn),
        'Metadata.RegisterModel.Arn': has(register.Metadata?.RegisterModel?.Arn),
      };
    },
    judge: oneOf({ 'Metadata.Model.Arn': true, 'Metadata.RegisterModel.Arn': true }),
  },
  {
    id: 'model-arn-case',
    question: 'Is a model found by the name in its ARN, and does its name keep the case of the step name?',
    matters: 'ARNs hold names in lower case; the name that is reported comes from DescribeModel.',
    assumed: 'DescribeModel takes the name of the ARN, in whatever case, and answers the name as it was made.',
    source: 'answers: arn-case',
    calls: ['sagemaker:DescribeModel', 'sagemaker:ListPipelineExecutionSteps'],
    async ask(account) {
      const { arn } = await sharedRun(account);
      const inArn = lastPart((await stepOf(account, arn, 'MakeModel')).Metadata?.Model?.Arn);
      const found = await attempt(account.sagemaker.send(new DescribeModelCommand({ ModelName: inArn })));
      const name = found.ok ? (found.value.ModelName ?? '') : '';
      return {
        arn: inArn === inArn.toLowerCase() ? 'lower case' : 'case kept',
        found: outcomeOf(found),
        name: /-MakeModel-/.test(name) ? 'case kept' : 'changed',
      };
    },
    judge: oneOf({ found: 'accepted', name: 'case kept' }),
  },
  {
    id: 'steps-page',
    question: 'How many steps may a page of ListPipelineExecutionSteps hold?',
    matters: 'Watching asks for whole pages.',
    assumed: '100; 101 are refused.',
    source: 'design: 11',
    calls: ['sagemaker:ListPipelineExecutionSteps'],
    async ask(account) {
      const { arn } = await sharedRun(account);
      const page = async (MaxResults: number) => {
        const command = new ListPipelineExecutionStepsCommand({ PipelineExecutionArn: arn, MaxResults });
        return outcomeOf(await attempt(account.sagemaker.send(command)));
      };
      return { '100 steps': await page(100), '101 steps': await page(101) };
    },
    judge: oneOf({ '100 steps': 'accepted', '101 steps': 'ValidationException' }),
  },
];
