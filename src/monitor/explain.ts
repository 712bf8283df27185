import type { Aws, JobReport, StepState } from '../aws/types.ts';
import { printableLine } from '../core/text/printable.ts';

/** Why a step failed, from every source that tells. */
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
  const jobName = step.jobArn?.slice(step.jobArn.lastIndexOf('/') + 1);
  const [report, tail] = await Promise.all([
    jobName === undefined ? NOTHING : readReport(aws, jobName),
    jobName === undefined || logTailLines === 0 ? EMPTY : readTail(aws, jobName, logTailLines),
  ]);
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

/** `PackagingStep failed: model.tar.gz holds /etc/passwd ...`: the most telling sentence there is. */
export function failureSentence(explanation: Explanation): string {
  const cause = explanation.exitMessage ?? explanation.reason;
  const attempts = explanation.attempts > 1 ? ` after ${explanation.attempts} attempts` : '';
  return `${explanation.step} failed${attempts}: ${printableLine(cause, 1200)}`;
}
