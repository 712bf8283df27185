import type { Aws } from '../aws/types.ts';
import type { Config } from '../config/index.ts';
import type { Files } from '../core/files.ts';
import type { Runner } from '../core/runner.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Request } from '../plan/types.ts';
import type { Check } from '../preflight/check.ts';

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

/** What a target is opened from. */
export interface RehearsalSources {
  /** The caller's own AWS: only for what has to be downloaded. Without a deadline, requests have their own limits only. */
  readonly openAws: (deadlineMs?: number) => Aws;
  readonly runner: Runner;
  /** This process's own: the clients of the SDK read theirs from it. */
  readonly environment: Record<string, string | undefined>;
  /** Folder of the running program; the embedded AWS lies beside it. */
  readonly programFolder: string;
  readonly tempFolder: string;
  /** The current folder. */
  readonly here: string;
  readonly nowMs: () => number;
  /** Aborts when the run is cancelled. */
  readonly cancelled: AbortSignal;
}
