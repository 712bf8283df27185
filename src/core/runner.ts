import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './context.ts';
import type { Place } from './errors.ts';

/** How a line is meant; a log or a terminal that has colours shows it by one. */
export type Tone = 'good' | 'bad' | 'changed' | 'quiet';

/** What a run needs of GitHub's runner; @actions/core stands behind it in the composition root. */
export interface Runner {
  /** Prints lines. They are neutralised here, so that nothing printed can speak to the runner. */
  info(text: string, tone?: Tone): void;
  /** Prints the lines of `print` under a title. A workflow's log folds them: nothing that a reader must see stands in a group alone. */
  group(title: string, print: () => void): void;
  /** A sentence of ours in the words of where it is read: inputs in a workflow, flags in a terminal. */
  readonly words: (text: string) => string;
  /** Shown only with debug logging. */
  debug(text: string): void;
  annotate(severity: 'error' | 'warning' | 'notice', annotation: Annotation): void;
  setOutput(name: string, value: string): void;
  /** Lists what was set; a terminal does it at its very end. */
  showOutputs(): void;
  /** Handed to the post step. */
  saveState(name: string, value: string): void;
  /** Appends Markdown to the job summary. */
  writeSummary(markdown: string): void;
  /** Keeps a file for the workflow in the runner's temporary folder; its path. */
  keepFile(name: string, text: string): string;
  /** Makes the job red. */
  fail(): void;
  /** A long transfer begins; what is returned is called with the number of bytes that are through, last with all of them. */
  transfer(what: string, totalBytes: number): (doneBytes: number) => void;
  /**
   * The steps of the execution as they are now, at every poll: a terminal shows them on a live line. `total`:
   * how many there will be; AWS lists those that have begun.
   */
  showSteps(steps: readonly StepState[], nowMs: number, total: number): void;
}

export interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly place?: Place;
}

/** Names of what main hands to post. */
export const STATE_NAMES = {
  /** Set at the very start: the second process of this step is post. */
  isPost: 'isPost',
  /** JSON, saved before the start: which execution would be ours. */
  intent: 'intent',
  executionArn: 'executionArn',
  /** JSON: the load test that runs; empty where none does. */
  loadTest: 'loadTest',
  /** Nothing is left to clean up. */
  done: 'done',
} as const;

/** Says that the next process of this step is post, where the state cannot be saved: a folder that names the step. */
export function markPost(environment: Environment): void {
  mkdirSync(postMark(environment), { recursive: true });
}

/** Whether this process is post: it must never carry a deployment out again. */
export function isPost(environment: Environment): boolean {
  return environment[`STATE_${STATE_NAMES.isPost}`] === 'true' || existsSync(postMark(environment));
}

const STEP_VARIABLES = ['GITHUB_RUN_ID', 'GITHUB_RUN_ATTEMPT', 'GITHUB_JOB', 'GITHUB_ACTION'];

function postMark(environment: Environment): string {
  const step = STEP_VARIABLES.map((name) => environment[name] ?? '').join(' ');
  const digest = createHash('sha256').update(step).digest('hex');
  return join(environment['RUNNER_TEMP'] || '/tmp', `bsm-pytorch-deploy-post-${digest.slice(0, 16)}`);
}

/** Those that AWS documents; any other text can come. */
export type StepStatus = 'Starting' | 'Executing' | 'Stopping' | 'Stopped' | 'Failed' | 'Succeeded' | (string & {});

export interface StepState {
  readonly name: string;
  readonly status: StepStatus;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly failureReason: string | undefined;
  readonly attempts: number;
  /** Served from the step cache: the execution whose result is used. */
  readonly cachedFrom: string | undefined;
  /** ARNs may hold a name in lower case, or cut: names come from the answers of Describe calls. */
  readonly modelArn: string | undefined;
  readonly modelName?: string | undefined;
  readonly jobArn: string | undefined;
  readonly jobName?: string | undefined;
  readonly packageArn: string | undefined;
}
