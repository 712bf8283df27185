import type { Aws } from '../aws/types.ts';
import type { Config } from '../config/index.ts';
import type { Files } from '../core/files.ts';
import type { Runner } from '../core/runner.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Request } from '../plan/types.ts';
import type { Check } from '../preflight/check.ts';
import type { RehearsalSources } from './index.ts';

/** Where a run takes place: the caller's AWS account, or one that was started for a rehearsal. */
export interface Target {
  readonly aws: Aws;
  /** A rehearsal's keeps no state: post has nothing to stop in an account. */
  readonly runner: Runner;
  readonly rehearsal: boolean;
  /** What the target itself checked: whether this runner can rehearse. */
  readonly checks: readonly Check[];
  /** Ends what was started; called on every way out. */
  close(): Promise<void>;
}

/** What has to be known before a target can be opened. */
export interface TargetRequest {
  readonly inputs: Inputs;
  readonly config: Config;
  readonly request: Request;
  readonly files: Files;
  /** Milliseconds since 1970 at which the run gives up; no request lasts longer. */
  readonly deadlineMs: number;
}

/** @throws DeployError where a rehearsal cannot be set up */
export type OpenTarget = (request: TargetRequest) => Promise<Target>;

/** The caller's own AWS, or a rehearsal's, which is loaded only for one. */
export function createOpenTarget(sources: RehearsalSources): OpenTarget {
  return async (request) => {
    if (request.inputs.mode === 'rehearse') {
      const { openRehearsal } = await import('./index.ts');
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
