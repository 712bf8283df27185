import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Execution } from '../apply/index.ts';
import type { Aws } from '../aws/types.ts';
import type { Config } from '../config/types.ts';
import type { Clock } from '../core/clock.ts';
import type { Context } from '../core/context.ts';
import type { Runner } from '../core/runner.ts';
import type { Inputs, InputSource } from '../inputs/index.ts';
import type { Plan, Registration } from '../plan/types.ts';
import type { OpenFiles } from '../rehearsal/guarded-files.ts';
import type { OpenTarget, RehearsalSources, Target } from '../rehearsal/target.ts';
import type { Comments } from '../report/comment.ts';
import type { RunRecord } from '../report/record.ts';

/** Everything that a run needs of the world, time included. */
export interface Dependencies {
  readonly input: InputSource;
  readonly context: Context;
  readonly runner: Runner;
  readonly openTarget: OpenTarget;
  /** The caller's own AWS, for what works on nothing but its registry. */
  readonly openAws: (deadlineMs?: number) => Aws;
  /** A local archive, absolute, that is to be put under the input model-s3-path first. */
  readonly upload?: string;
  readonly comments: Comments;
  readonly clock: Clock;
  readonly openFiles: OpenFiles;
  /** Folder of the action's container scripts. */
  readonly containerFolder: string;
  /** Aborts when the workflow is cancelled. */
  readonly cancelled: AbortSignal;
  readonly random: () => number;
}

/** The same once it is known where the run takes place, with the record that the run writes into. */
export interface RunContext extends Omit<Dependencies, 'openTarget' | 'openAws'>, Pick<Target, 'aws' | 'rehearsal'> {
  readonly record: RunRecord;
  /** Milliseconds since 1970 at which the run gives up: `timeout-minutes` after it began. */
  readonly deadlineMs: number;
}

/** The project's `container/` folder: beside `dist/`, wherever in the checkout the started file (`from`) stands. */
export function containerFolder(from: string): string {
  const here = join(from, 'container');
  return existsSync(here) || dirname(from) === from ? here : containerFolder(dirname(from));
}

/** A deployment whose pipeline execution runs. */
export interface StartedDeployment {
  readonly config: Config;
  readonly inputs: Inputs;
  readonly plan: Plan;
  readonly execution: Execution;
  readonly missing: readonly Registration[];
}

/** The caller's own AWS, or a rehearsal's, which is loaded only for one. */
export function createOpenTarget(sources: RehearsalSources): OpenTarget {
  return async (request) => {
    if (request.inputs.mode === 'rehearse') {
      const { openRehearsal } = await import('../rehearsal/index.ts');
      return openRehearsal(request, sources);
    }
    const nothing = async (): Promise<void> => undefined;
    return {
      aws: sources.openAws(request.deadlineMs),
      runner: sources.runner,
      rehearsal: false,
      checks: [],
      close: nothing,
    };
  };
}
