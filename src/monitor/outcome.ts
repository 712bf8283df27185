import { jobLogUrl } from '../aws/console-urls.ts';
import { DeployError } from '../core/errors.ts';
import { formatDuration } from '../core/text/format.ts';
import type { Inputs } from '../inputs/index.ts';
import { type Explanation, failureSentence } from './explain.ts';
import type { Outcome } from './watch.ts';

/** What became of the execution itself. `foreign`: another workflow run's, not ours to stop. */
export type Ending = 'ended' | 'stopped' | 'left' | 'foreign' | 'unstopped';

interface ErrorContext {
  readonly explanations: readonly Explanation[];
  readonly inputs: Inputs;
  readonly ending: Ending;
  readonly rehearsal: boolean;
}

/** Why an execution that did not succeed makes the job red; undefined for one that did. */
export function outcomeError(
  outcome: Outcome,
  { explanations, inputs, ending, rehearsal }: ErrorContext,
): DeployError | undefined {
  switch (outcome.kind) {
    case 'succeeded':
      return undefined;
    case 'failed':
      return new DeployError('execution-failed', failureText(explanations, outcome.reason), {
        advice: rehearsal ? afterRehearsal(explanations) : afterFailure(explanations),
        findings: explanations.slice(1).map((explanation) => ({ message: failureSentence(explanation) })),
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
