import { jobLogUrl } from '../aws/console-urls.ts';
import type { Aws, JobReport } from '../aws/types.ts';
import { DeployError } from '../core/errors.ts';
import type { StepState } from '../core/runner.ts';
import { formatDuration, printableLine } from '../core/text.ts';
import type { Inputs } from '../inputs/index.ts';
import { PACKAGING_STEP } from '../plan/steps/packaging.ts';
import type { Outcome } from './watch.ts';

/** Why a step failed, from every source there is. */
export interface Explanation {
  readonly step: string;
  /** FailureReason of the step. */
  readonly reason: string;
  /** The first sentence of the container itself, where it left one. */
  readonly exitMessage: string | undefined;
  readonly attempts: number;
  readonly jobName: string | undefined;
  /** The last lines of the container log; untrusted text. */
  readonly logTail: readonly string[];
  /** Said where the job or its log could not be read. */
  readonly logProblem: string | undefined;
}

/** Explains every failed step. What cannot be read is said, and does not hide the rest. */
export async function explainFailures(
  steps: readonly StepState[],
  aws: Aws,
  logTailLines: number,
): Promise<readonly Explanation[]> {
  return Promise.all(steps.filter((step) => step.status === 'Failed').map((step) => explain(step, aws, logTailLines)));
}

async function explain(step: StepState, aws: Aws, logTailLines: number): Promise<Explanation> {
  const report = step.jobArn === undefined ? NOTHING : await readReport(aws, nameInArn(step.jobArn));
  // Log streams begin with the job's name as SageMaker holds it, which an ARN may spell otherwise.
  const jobName = report.name;
  const tail = jobName === undefined || logTailLines === 0 ? EMPTY : await readTail(aws, jobName, logTailLines);
  const problems = [report.problem, tail.problem].filter((problem) => problem !== undefined);
  return {
    step: step.name,
    reason: step.failureReason ?? report.failureReason ?? 'AWS gave no reason',
    exitMessage: report.exitMessage?.trim() === '' ? undefined : report.exitMessage?.trim(),
    attempts: step.attempts,
    jobName,
    logTail: tail.lines,
    logProblem: problems.length === 0 ? undefined : problems.join(' '),
  };
}

/** The last part of an ARN: enough for a Describe call, and no name. */
function nameInArn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/**
 * The steps with the names of their jobs and models, as AWS holds them. What cannot be read stays without a name, and is
 * said in `problems`.
 */
export async function nameSteps(
  steps: readonly StepState[],
  { jobs }: Aws,
): Promise<{ readonly steps: readonly StepState[]; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const named = await Promise.all(
    steps.map(async (step): Promise<StepState> => {
      try {
        if (step.jobArn !== undefined) return { ...step, jobName: (await jobs.describe(nameInArn(step.jobArn))).name };
        if (step.modelArn === undefined) return step;
        return { ...step, modelName: await jobs.modelName(nameInArn(step.modelArn)) };
      } catch (thrown) {
        problems.push(`The name behind ${step.jobArn ?? step.modelArn} could not be read: ${saying(thrown)}`);
        return step;
      }
    }),
  );
  return { steps: named, problems };
}

interface Report extends Partial<JobReport> {
  readonly problem?: string;
}

interface Tail {
  readonly lines: readonly string[];
  readonly problem?: string;
}

const NOTHING: Report = {};
const EMPTY: Tail = { lines: [] };

async function readReport(aws: Aws, jobName: string): Promise<Report> {
  try {
    return await aws.jobs.describe(jobName);
  } catch (thrown) {
    return { problem: `What the job itself says could not be read: ${saying(thrown)}` };
  }
}

async function readTail(aws: Aws, jobName: string, lines: number): Promise<Tail> {
  try {
    const tail = await aws.jobs.logTail(jobName, lines);
    return tail.length > 0
      ? { lines: tail }
      : { lines: [], problem: 'The container wrote no log, or it is still on its way.' };
  } catch (thrown) {
    return { lines: [], problem: `The container log could not be read: ${saying(thrown)}` };
  }
}

function saying(thrown: unknown): string {
  return printableLine(thrown instanceof Error ? thrown.message : String(thrown));
}

/** `PackagingStep failed: model.tar.gz holds /etc/passwd ...`: the sentence that says most. */
export function failureSentence(explanation: Explanation): string {
  const cause = explanation.exitMessage ?? explanation.reason;
  const attempts = explanation.attempts > 1 ? ` after ${explanation.attempts} attempts` : '';
  return `${explanation.step} failed${attempts}: ${printableLine(cause, 1200)}`;
}

/** What became of the execution itself. `foreign`: another workflow run's, not ours to stop. */
export type Ending = 'ended' | 'stopped' | 'left' | 'foreign' | 'unstopped';

interface ErrorContext {
  readonly explanations: readonly Explanation[];
  readonly inputs: Inputs;
  readonly ending: Ending;
  readonly rehearsal: boolean;
  /** What preflight had found of the archive and its code, without refusing it. */
  readonly suspicions?: readonly string[];
}

/** Why an execution that did not succeed makes the job red; undefined for one that did. */
export function outcomeError(
  outcome: Outcome,
  { explanations, inputs, ending, rehearsal, suspicions = [] }: ErrorContext,
): DeployError | undefined {
  switch (outcome.kind) {
    case 'succeeded':
      return undefined;
    case 'failed':
      return new DeployError('execution-failed', failureText(explanations, outcome.reason), {
        advice: [
          ...onPackage(explanations, suspicions),
          rehearsal ? afterRehearsal(explanations) : afterFailure(explanations),
          ...(cannotAnswer(explanations) ? [EXPLAINED] : []),
        ].join(' '),
        diagnostics: explanations.slice(1).map((explanation) => ({ message: failureSentence(explanation) })),
      });
    case 'stopped':
      return new DeployError(
        'execution-stopped',
        `The pipeline execution was stopped by somebody else${lastStep(outcome)}.`,
        {
          advice: 'Run again when it may go on.',
        },
      );
    case 'timed-out':
      return new DeployError(
        'timed-out',
        `The pipeline execution did not end within ${formatDuration(inputs.timeoutMinutes * 60_000)} (timeout-minutes)${lastStep(outcome)}.`,
        {
          advice: onEnd(ending),
        },
      );
    case 'cancelled':
      return new DeployError('cancelled', `The run was cancelled${lastStep(outcome)}.`, {
        advice: onEnd(ending),
      });
  }
}

/** What the sentences of a verification that did not pass have in common. */
const VERIFICATION =
  /cannot answer|\b(?:model|input|predict|output|transform)_fn\b|the answer to|requirements\.txt cannot|handler/i;
const ON_GPU = /\bcuda\b|nvidia|\bgpu\b/i;
const ON_CONTENT = /input_fn|transform_fn|content.?type|JSONDecodeError|text\/csv|could not convert/i;

const EXPLAINED = 'docs/troubleshooting.md explains such sentences under "The packaged model cannot answer".';

function cannotAnswer([first]: readonly Explanation[]): boolean {
  return first?.step === PACKAGING_STEP && VERIFICATION.test(failureSentence(first));
}

/** What is known of a package that could not be made, or cannot answer: what preflight saw, and the settings that decide. */
function onPackage(explanations: readonly Explanation[], suspicions: readonly string[]): readonly string[] {
  const [first] = explanations;
  if (first?.step !== PACKAGING_STEP) return [];
  if (!cannotAnswer(explanations)) return suspicions;
  const sentence = failureSentence(first);
  const onGpu =
    'The packaging job has no GPU: load with map_location="cpu" where there is none, or register unasked with package.verify: false.';
  const onContent =
    'A model that takes JSON only, or CSV only, says so in registration.source_model_inference_content_types, which decides what is sent.';
  const isToldContent = sentence.includes('source_model_inference_content_types');
  return [
    ...suspicions,
    ...(ON_GPU.test(sentence) ? [onGpu] : []),
    ...(ON_CONTENT.test(sentence) && !isToldContent ? [onContent] : []),
  ];
}

function afterFailure([first]: readonly Explanation[]): string {
  const log =
    first?.jobName === undefined
      ? 'The execution in the console says more.'
      : `${first.logProblem ?? 'The log of the failed step says more'}: ${jobLogUrl(first.jobName)}`;
  return `${log} After mending, run again: what is registered is not registered twice.`;
}

/** Jobs of a rehearsal run by this machine's Python, which may lack what SageMaker's image has. */
function afterRehearsal([first]: readonly Explanation[]): string {
  const module = /No module named '([\w.]+)'/.exec(first === undefined ? '' : failureSentence(first))?.[1];
  const lacking =
    module === undefined ? '' : ` Where SageMaker's image has ${module}, install it on this machine, too.`;
  return `The log has the last lines of the container.${lacking} After mending, rehearse again.`;
}

function failureText(explanations: readonly Explanation[], reason: string | undefined): string {
  const [first] = explanations;
  return first === undefined
    ? `The pipeline execution failed: ${reason ?? 'AWS gave no reason'}`
    : failureSentence(first);
}

function lastStep({ steps }: Outcome): string {
  const running = steps
    .filter(({ status }) => status !== 'Succeeded')
    .map(({ name, status }) => `${name} is ${status}`);
  return running.length === 0 ? '' : ` (${running.join(', ')})`;
}

function onEnd(ending: Ending): string {
  switch (ending) {
    case 'ended':
      return '';
    case 'stopped':
      return 'The execution was stopped; running again starts a new one.';
    case 'left':
      return 'The execution goes on; running this job again follows it.';
    case 'foreign':
      return 'The execution was started by another workflow run and goes on; running this job again follows it.';
    case 'unstopped':
      return 'The execution could not be stopped and may go on: stop it in the console, or run this job again to follow it.';
  }
}
