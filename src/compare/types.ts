import type { PipelineChange } from '../apply/pipeline.ts';
import type { ApprovalState } from '../aws/types.ts';
import type { PartDiff } from '../plan/diff.ts';
import type { PlannedJob } from '../plan/jobs.ts';
import type { Registration, Upload } from '../plan/types.ts';

/** An upload of the plan, and whether its target is there already; undefined: could not be looked at. */
export interface PlannedUpload {
  readonly upload: Upload;
  readonly there: boolean | undefined;
}

/** One region, and what a deployment would do there. */
export interface PlannedRegistration {
  readonly registration: Registration;
  readonly state: 'registered' | 'to register' | 'unknown';
  /** The package that is registered already. */
  readonly arn?: string;
  readonly approval?: ApprovalState;
  /** What a deployment would set that to, where it would. */
  readonly becomes?: ApprovalState;
  /** Somebody rejected this very package: a deployment that asks for another status fails. */
  readonly refused?: boolean;
}

/** What a deployment would change. A value: log, summary, comment and plan-path show the same. */
export interface Comparison {
  /** How the planned pipeline differs from the deployed one; undefined: it could not be compared. */
  readonly change: PipelineChange | undefined;
  /** Of the deployed pipeline, where there is one. */
  readonly pipelineArn?: string;
  readonly diff: readonly PartDiff[];
  readonly uploads: readonly PlannedUpload[];
  readonly registrations: readonly PlannedRegistration[];
  /** Jobs that would run; none where everything is registered. */
  readonly jobs: readonly PlannedJob[];
  /** What could not be compared, and why; sentences. */
  readonly problems: readonly string[];
}
