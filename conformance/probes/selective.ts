import { StopPipelineExecutionCommand } from '@aws-sdk/client-sagemaker';
import type { Account } from '../account.ts';
import { endOf, tryStart } from '../executions.ts';
import { archiveBytes, definition, modelStep, pipelineNamed, putObject } from '../fixtures.ts';
import { jobPipeline } from '../jobs.ts';
import { type Answer, attempt } from '../outcome.ts';
import { oneOf, type Probe } from '../probe.ts';
import { chain, sharedRun } from './run.ts';

/** Selective executions. What AWS documents: the source is of the same pipeline, and Succeeded or Failed. */

const CALLS = ['sagemaker:StartPipelineExecution'];
const MATTERS = 'A region that is missing is registered from the packaging of an earlier execution.';
const RUNS = oneOf({ outcome: 'accepted', ended: 'well' });

interface Selection {
  readonly pipeline: string;
  readonly source: string;
  readonly step: string;
  readonly version?: number;
}

async function select(account: Account, what: string, selection: Selection): Promise<Answer> {
  const { pipeline, source, step, version } = selection;
  const started = await tryStart(account, what, {
    PipelineName: pipeline,
    PipelineVersionId: version,
    SelectiveExecutionConfig: { SourcePipelineExecutionArn: source, SelectedSteps: [{ StepName: step }] },
  });
  if (!started.ok) return { outcome: started.code, said: started.said };
  const end = await endOf(account, started.value);
  const status = end.PipelineExecutionStatus ?? 'unknown';
  const well = status !== 'Failed' && status !== 'Stopped';
  return { outcome: 'accepted', ended: well ? 'well' : status, said: end.FailureReason ?? null };
}

export const selective: readonly Probe[] = [
  {
    id: 'selective-source-of-another-pipeline',
    question: 'How is a selective start refused whose source AWS does not take?',
    matters: 'The message is what a user reads when an earlier execution cannot serve.',
    assumed: 'ValidationException (AWS has been seen to say "Invalid SourcePipelineExecutionArn").',
    source: 'answers: selective-starts',
    calls: CALLS,
    async ask(account) {
      const { pipeline } = await chain(account);
      return await select(account, 'selective-foreign', {
        pipeline,
        source: (await sharedRun(account)).arn,
        step: 'B',
      });
    },
    judge: oneOf({ outcome: 'ValidationException' }),
  },
  {
    id: 'selective-step-new-to-source',
    question: 'In a selective start, may a selected step be one that the definition of the source did not have?',
    matters: MATTERS,
    assumed: 'Yes: a region that was added to the pipeline is registered without packaging again.',
    source: 'answers: selective-starts',
    calls: CALLS,
    async ask(account) {
      const { pipeline, source } = await chain(account);
      return await select(account, 'selective-new-step', { pipeline, source, step: 'C' });
    },
    judge: RUNS,
  },
  {
    id: 'selective-source-of-other-version',
    question:
      'In a selective start, may the source have run another version of the pipeline than the one that is started?',
    matters: MATTERS,
    assumed: 'Yes: the source ran version 1, the start names version 2, the selected step is in both.',
    source: 'answers: selective-starts',
    calls: CALLS,
    async ask(account) {
      const { pipeline, source } = await chain(account);
      return await select(account, 'selective-version', { pipeline, source, step: 'B', version: 2 });
    },
    judge: RUNS,
  },
  {
    id: 'selective-source-selective-itself',
    question: 'In a selective start, may the source be a selective execution itself?',
    matters: MATTERS,
    assumed: 'Yes: what it took over from its own source serves again.',
    source: 'answers: selective-starts',
    calls: CALLS,
    async ask(account) {
      const { pipeline, source } = await chain(account);
      const SelectiveExecutionConfig = { SourcePipelineExecutionArn: source, SelectedSteps: [{ StepName: 'B' }] };
      const of = { PipelineName: pipeline, PipelineVersionId: 1 };
      const first = await tryStart(account, 'selective-first', { ...of, SelectiveExecutionConfig });
      if (!first.ok) return { outcome: `the first one: ${first.code}`, said: first.said };
      await endOf(account, first.value);
      return await select(account, 'selective-second', { pipeline, source: first.value, step: 'B', version: 1 });
    },
    judge: RUNS,
  },
  {
    id: 'selective-after-failure',
    question: 'Does a failed execution serve as the source of a selective start of the step that failed in it?',
    matters: MATTERS,
    assumed: 'Yes: packaging succeeded, one region failed; the region alone is run again.',
    source: 'answers: selective-starts',
    calls: CALLS,
    async ask(account) {
      const url = account.uriOf('late.tar.gz');
      const steps = [modelStep(account, 'A'), modelStep(account, 'B', { url, more: { DependsOn: ['A'] } })];
      const pipeline = await pipelineNamed(account, 'repaired', definition(steps));
      const started = await tryStart(account, 'repaired', { PipelineName: pipeline });
      if (!started.ok) return { outcome: `the first one: ${started.code}`, said: started.said };
      await endOf(account, started.value);
      await putObject(account, 'late.tar.gz', await archiveBytes());
      return await select(account, 'selective-repaired', { pipeline, source: started.value, step: 'B' });
    },
    judge: RUNS,
  },
  {
    id: 'selective-needs-failed-step',
    question: 'Is a selective start refused whose selected step needs one that failed in the source?',
    matters: 'A source is chosen by its packaging step having succeeded; AWS must not run without its result.',
    assumed: 'It is refused with ValidationException, or its execution fails; it does not succeed.',
    source: 'answers: selective-starts',
    calls: CALLS,
    async ask(account) {
      const first = modelStep(account, 'A', { url: account.uriOf('missing.tar.gz') });
      const env = { FROM: { Get: 'Steps.A.ModelName' } };
      const text = definition([first, modelStep(account, 'B', { env })]);
      const pipeline = await pipelineNamed(account, 'needing', text);
      const started = await tryStart(account, 'needing', { PipelineName: pipeline });
      if (!started.ok) return { outcome: `the first one: ${started.code}`, said: started.said };
      await endOf(account, started.value);
      return await select(account, 'selective-needing', { pipeline, source: started.value, step: 'B' });
    },
    judge: ({ outcome, ended }) => (outcome === 'ValidationException' || ended === 'Failed' ? 'holds' : 'contradicted'),
  },
  {
    id: 'selective-source-stopped',
    question: 'Is a selective start refused whose source was stopped?',
    undecided: 'The source had ended before it could be stopped.',
    matters: 'A deployment that was cancelled is no source; the region is then registered without one.',
    assumed: 'ValidationException: AWS documents that a source must have succeeded or failed.',
    source: 'answers: selective-starts',
    needs: ['jobs'],
    jobs: ['stopped'],
    calls: CALLS,
    async ask(account) {
      const pipeline = await jobPipeline(account, 'stopped', { script: 'container_report.py' });
      const started = await tryStart(account, 'stopped', { PipelineName: pipeline });
      if (!started.ok) return { outcome: `the first one: ${started.code}`, said: started.said };
      await attempt(account.sagemaker.send(new StopPipelineExecutionCommand({ PipelineExecutionArn: started.value })));
      const { PipelineExecutionStatus = 'unknown' } = await endOf(account, started.value);
      const answer = await select(account, 'selective-stopped', { pipeline, source: started.value, step: 'RunJob' });
      return { ...answer, source: PipelineExecutionStatus };
    },
    // A job that was faster than the stop leaves nothing to ask.
    judge: ({ outcome, source }) =>
      source !== 'Stopped' ? 'unknown' : outcome === 'ValidationException' ? 'holds' : 'contradicted',
  },
];
