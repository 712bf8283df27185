import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import type { Context } from '../core/context.ts';
import type { Files } from '../core/files.ts';
import type { Runner } from '../core/runner.ts';
import type { Inputs, InputSource } from '../inputs/index.ts';
import type { OpenTarget, Target } from '../rehearsal/target.ts';
import type { Comments } from '../report/comment.ts';

/** Everything that a run needs of the world, time included. */
export interface Dependencies {
  readonly input: InputSource;
  readonly context: Context;
  readonly runner: Runner;
  readonly openTarget: OpenTarget;
  readonly comments: Comments;
  readonly clock: Clock;
  readonly openFiles: (inputs: Pick<Inputs, 'mode' | 'workingDirectory'>) => Files;
  /** Folder of the action's container scripts. */
  readonly containerFolder: string;
  /** Aborts when the workflow is cancelled. */
  readonly cancelled: AbortSignal;
  readonly random: () => number;
}

/** The same once it is known where the run takes place. */
export type TargetDependencies = Omit<Dependencies, 'openTarget'> & Pick<Target, 'aws' | 'rehearsal'>;

/** The project's `container/` folder: beside `dist/`, wherever in the checkout the started file (`from`) stands. */
export function containerFolder(from: string): string {
  const here = join(from, 'container');
  return existsSync(here) || dirname(from) === from ? here : containerFolder(dirname(from));
}
