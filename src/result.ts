import type { Execution, Prepared } from './apply/index.ts';
import type { ApprovalState, StepState } from './aws/types.ts';
import type { DeployError } from './errors.ts';
import type { Explanation } from './explain.ts';
import type { PackageReport } from './package-report.ts';
import type { Plan } from './plan/types.ts';
import type { Registered } from './registered.ts';
import { AWS_REGIONS, type RegionCode } from './regions.ts';

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
  { registration, package: found, confirmed }: Registered,
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
  };
}
