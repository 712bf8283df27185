import type { Aws } from './aws/types.ts';
import type { Clock } from './clock.ts';
import type { Context } from './context.ts';
import type { Files } from './files.ts';
import type { InputSource } from './inputs.ts';
import type { Runner } from './runner.ts';

/** Everything that a run needs of the world, time included. */
export interface Dependencies {
  readonly input: InputSource;
  readonly context: Context;
  readonly runner: Runner;
  readonly aws: Aws;
  readonly clock: Clock;
  readonly openFiles: (workingDirectory: string | undefined) => Files;
  /** Folder of the action's container scripts. */
  readonly containerFolder: string;
  /** Aborts when the workflow is cancelled. */
  readonly cancelled: AbortSignal;
  readonly random: () => number;
}
