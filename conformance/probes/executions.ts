/** Starts and stops of executions without a job: models and registrations cost nothing. */
import {
  DescribePipelineDefinitionForExecutionCommand,
  DescribePipelineExecutionCommand,
  ListPipelineVersionsCommand,
  StopPipelineExecutionCommand,
} from '@aws-sdk/client-sagemaker';
import { startCommand, tryStart } from '../executions.ts';
import { createPipeline, definition, modelStep, pipelineNamed } from '../fixtures.ts';
import { attempt, attemptOpenly, needed, outcomeOf, worded } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';
import { sharedRun } from './run.ts';
import { versionedPipeline } from './versions.ts';

export const executions: readonly Probe[] = [
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
    id: 'start-new-pipeline-by-version',
    question: 'Is the first version of a new pipeline listed at once, and can it be started by its number?',
    matters: 'CreatePipeline returns no number; what was just created must be what runs, whatever another job deploys.',
    assumed: 'ListPipelineVersions lists 1, the start is accepted, and the execution tells version 1.',
    source: 'answers: versions',
    calls: [
      'sagemaker:CreatePipeline',
      'sagemaker:ListPipelineVersions',
      'sagemaker:StartPipelineExecution',
      'sagemaker:DescribePipelineExecution',
    ],
    async ask(account) {
      const PipelineName = await pipelineNamed(account, 'created', definition([modelStep(account, 'Step')]));
      const list = new ListPipelineVersionsCommand({ PipelineName, SortOrder: 'Descending', MaxResults: 10 });
      const listed = needed(await attempt(account.sagemaker.send(list))).PipelineVersionSummaries ?? [];
      const versions = listed.map(({ PipelineVersionId }) => PipelineVersionId ?? null);
      const started = await tryStart(account, 'created', { PipelineName, PipelineVersionId: 1 });
      if (!started.ok) return { versions, start: started.code, said: started.said };
      const describe = new DescribePipelineExecutionCommand({ PipelineExecutionArn: started.value });
      const { PipelineVersionId } = await account.sagemaker.send(describe);
      return { versions, start: 'accepted', runs: PipelineVersionId ?? null };
    },
    judge: oneOf({ versions: [1], start: 'accepted', runs: 1 }),
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
      return { verbatim: PipelineDefinition === text, 'same as JSON': sameValue };
    },
    judge: oneOf({ 'same as JSON': true }),
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
];
