import type { Execution, Prepared } from '../apply/index.ts';
import type { ApprovalState } from '../aws/types.ts';
import type { Comparison } from '../compare/index.ts';
import type { Provenance } from '../core/context.ts';
import type { DeployError } from '../core/errors.ts';
import { AWS_REGIONS, type RegionCode } from '../core/regions.ts';
import type { StepState } from '../core/step-state.ts';
import type { Explanation } from '../monitor/outcome.ts';
import type { PackageReport } from '../monitor/package-report.ts';
import type { Plan } from '../plan/types.ts';
import type { Check } from '../preflight/check.ts';
import type { Registered } from '../registry/records.ts';

/** Output `status`. Only the first four are green. */
export type Status = 'succeeded' | 'reused' | 'started' | 'planned' | 'failed' | 'stopped' | 'cancelled' | 'timed-out';

/** A package that the registry has confirmed. */
export interface RegisteredPackage {
  readonly region: RegionCode;
  readonly awsRegion: string;
  readonly arn: string;
  readonly group: string;
  readonly version: number;
  readonly approval: ApprovalState;
  /** Registered by an earlier deployment. */
  readonly reused: boolean;
  /** false: a team's own script said so, the registry was not asked. */
  readonly confirmed: boolean;
  /** The approval that this run has just replaced. */
  readonly approvalBefore?: ApprovalState;
}

/** `Approved`, and what it was where this run has changed it: that is a promotion. */
export function approvalText({ approval, approvalBefore }: RegisteredPackage): string {
  return approvalBefore === undefined ? approval : `${approval}, set now; it was ${approvalBefore}`;
}

/** `none` or undefined where unknown. */
export interface Origin {
  readonly provenance: Provenance;
  readonly releaseTag: string | undefined;
  readonly actor: string | undefined;
}

/** Everything that a run has to tell, however it ended. */
export interface Result {
  readonly status: Status;
  readonly plan?: Plan;
  readonly prepared?: Prepared;
  readonly execution?: Execution;
  readonly packages: readonly RegisteredPackage[];
  readonly steps: readonly StepState[];
  readonly packageReport?: PackageReport | undefined;
  readonly explanations: readonly Explanation[];
  /** Set for every red status. */
  readonly error?: DeployError;
  readonly warnings: readonly string[];
  /** What preflight found; absent where the run ended before it. */
  readonly checks?: readonly Check[];
  /** What a deployment would change; of plan mode. */
  readonly comparison?: Comparison;
  /** Ran against an embedded AWS on this machine: nothing here exists in an account. */
  readonly rehearsal?: boolean;
  /** Where the run comes from: commit, ref and release tag. */
  readonly origin?: Origin;
  readonly durationMs: number;
}

/** A result whose duration is not known yet. */
export type Unfinished = Omit<Result, 'durationMs'>;

export function isGreen(status: Status): boolean {
  switch (status) {
    case 'succeeded':
    case 'reused':
    case 'started':
    case 'planned':
      return true;
    case 'failed':
    case 'stopped':
    case 'cancelled':
    case 'timed-out':
      return false;
  }
}

export function registeredPackage(
  { registration, package: found, confirmed, approvalBefore }: Registered,
  reused: boolean,
): RegisteredPackage {
  return {
    region: registration.region,
    awsRegion: AWS_REGIONS[registration.region],
    arn: found.arn,
    group: found.group,
    version: found.version,
    approval: found.approval,
    reused,
    confirmed,
    ...(approvalBefore === undefined ? {} : { approvalBefore }),
  };
}
