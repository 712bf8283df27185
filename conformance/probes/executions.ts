/** Pipeline executions without a job: models and registrations cost nothing. */
import {
  DescribeModelCommand,
  DescribePipelineDefinitionForExecutionCommand,
  DescribePipelineExecutionCommand,
  ListPipelineExecutionStepsCommand,
  type PipelineExecutionStep,
  StopPipelineExecutionCommand,
} from '@aws-sdk/client-sagemaker';
import { stepOf, tryStart } from '../executions.ts';
import { createPipeline, definition, modelStep, pipelineNamed } from '../fixtures.ts';
import { attempt, attemptOpenly, needed, outcomeOf, worded } from '../outcome.ts';
import { startCommand } from '../executions.ts';
import { oneOf, type Probe } from '../probe.ts';
import { failedRun, sharedRun } from './run.ts';
import { versionedPipeline } from './versions.ts';

/** In which form a step tells that its result does not come from the cache. */
export function cacheForm(step: PipelineExecutionStep): string {
  if (step.CacheHitResult === undefined) return 'absent';
  return (step.CacheHitResult.SourcePipelineExecutionArn ?? '') === '' ? 'empty' : 'an ARN';
}

export function lastPart(arn: string | undefined): string {
  return arn?.split('/').at(-1) ?? '';
}

export const executions: readonly Probe[] = [
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
      return { cacheHitResult: cacheForm(await stepOf(account, arn, 'MakeModel')) };
    },
    judge: oneOf({ cacheHitResult: 'absent' }, { cacheHitResult: 'empty' }),
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
      return { model: has(model.Metadata?.Model?.Arn), register: has(register.Metadata?.RegisterModel?.Arn) };
    },
    judge: oneOf({ model: true, register: true }),
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
    id: 'execution-version',
    question: 'Does an execution that was started by version tell that version?',
    matters: 'The definition that was checked must be the one that runs.',
    assumed: 'DescribePipelineExecution answers PipelineVersionId 1 for a start with 1, although 2 is newer.',
    source: 'answers: versions',
    calls: ['sagemaker:StartPipelineExecution', 'sagemaker:DescribePipelineExecution'],
    async ask(account) {
      const { name } = await versionedPipeline(account);
      const arn = needed(await tryStart(account, 'by-version', { PipelineName: name, PipelineVersionId: 1 }));
      const describe = new DescribePipelineExecutionCommand({ PipelineExecutionArn: arn });
      return { version: (await account.sagemaker.send(describe)).PipelineVersionId ?? null };
    },
    judge: oneOf({ version: 1 }),
  },
  {
    id: 'definition-for-execution',
    question: 'Is DescribePipelineDefinitionForExecution the definition as it was sent?',
    matters: 'After a create, which returns no version, this tells whether another job was faster.',
    assumed: 'The same value as JSON; nothing relies on the same bytes.',
    source: 'answers: definitions',
    calls: ['sagemaker:DescribePipelineDefinitionForExecution'],
    async ask(account) {
      const { arn, text } = await sharedRun(account);
      const command = new DescribePipelineDefinitionForExecutionCommand({ PipelineExecutionArn: arn });
      const { PipelineDefinition = 'null' } = needed(await attempt(account.sagemaker.send(command)));
      const sameValue = JSON.stringify(JSON.parse(PipelineDefinition)) === JSON.stringify(JSON.parse(text));
      return { verbatim: PipelineDefinition === text, sameValue };
    },
    judge: oneOf({ sameValue: true }),
  },
  {
    id: 'start-right-after-create',
    question: 'How is a start answered that follows the create at once?',
    matters: 'Tags and roles take a while to be known everywhere.',
    assumed: 'It is accepted, or refused with AccessDeniedException, which is tried again for two minutes.',
    source: 'design: 11',
    calls: ['sagemaker:StartPipelineExecution'],
    async ask(account) {
      needed(await createPipeline(account, 'at-once', definition([modelStep(account, 'Step')])));
      const command = startCommand(account, 'at-once', { PipelineName: account.nameOf('at-once') });
      const outcome = await attemptOpenly(account.sagemaker.send(command));
      return { outcome: outcomeOf(outcome), said: outcome.ok ? null : outcome.said };
    },
    judge: oneOf({ outcome: 'accepted' }, { outcome: 'AccessDeniedException' }),
  },
  {
    id: 'start-token',
    question: 'Does a start that is repeated with its request token start anything?',
    matters: 'The token derives from what is to be registered: a repeated call must not register twice.',
    assumed: 'The repeated call returns the same execution; with other parameters it does not start another one.',
    source: 'answers: request-tokens',
    calls: ['sagemaker:StartPipelineExecution'],
    async ask(account) {
      const { pipeline, arn } = await sharedRun(account);
      const startWith = (value: string) =>
        tryStart(account, 'run', { PipelineName: pipeline, PipelineParameters: [{ Name: 'Note', Value: value }] });
      const tell = (outcome: Awaited<ReturnType<typeof startWith>>) => {
        if (!outcome.ok) return outcome.code;
        return outcome.value === arn ? 'same execution' : 'another execution';
      };
      return { repeated: tell(await startWith('from a parameter')), changed: tell(await startWith('another value')) };
    },
    judge: ({ repeated, changed }) =>
      repeated === 'same execution' && changed !== 'another execution' ? 'holds' : 'contradicted',
  },
  {
    id: 'stop-ended',
    question: 'How is a stop of an execution answered that has ended?',
    matters: 'A cancelled job stops what may have ended meanwhile; that must not be told as an error.',
    assumed: 'ConflictException (then it is looked whether it has ended), or ValidationException.',
    source: 'answers: conflicts',
    calls: ['sagemaker:StopPipelineExecution'],
    async ask(account) {
      const { arn } = await sharedRun(account);
      const command = new StopPipelineExecutionCommand({ PipelineExecutionArn: arn });
      return worded(await attempt(account.sagemaker.send(command)), /./);
    },
    judge: oneOf({ outcome: 'ConflictException' }, { outcome: 'ValidationException' }),
  },
  {
    id: 'unknown-parameter',
    question: 'How is a start refused that sets a parameter which the definition does not declare?',
    matters: 'Preflight refuses it before; AWS is the second net.',
    assumed: 'ValidationException.',
    source: 'design: 4',
    calls: ['sagemaker:StartPipelineExecution'],
    async ask(account) {
      const name = await pipelineNamed(account, 'undeclared', definition([modelStep(account, 'Step')]));
      const PipelineParameters = [{ Name: 'Undeclared', Value: 'x' }];
      return worded(await tryStart(account, 'undeclared', { PipelineName: name, PipelineParameters }), /parameter/i);
    },
    judge: oneOf({ outcome: 'ValidationException' }),
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
      return { n100: await page(100), n101: await page(101) };
    },
    judge: oneOf({ n100: 'accepted', n101: 'ValidationException' }),
  },
];
