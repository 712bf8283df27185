import type { Execution, Prepared } from '../apply/index.ts';
import type { ApprovalStatus } from '../aws/types.ts';
import type { Comparison } from '../compare/index.ts';
import type { Context, Provenance } from '../core/context.ts';
import { asDeployError, type DeployError } from '../core/errors.ts';
import { AWS_REGIONS, type RegionCode } from '../core/regions.ts';
import type { StepState } from '../core/runner.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Explanation } from '../monitor/outcome.ts';
import type { PackageReport } from '../monitor/package-report.ts';
import type { LoadTestPlan, LoadTestResult } from '../plan/load-test.ts';
import type { Plan } from '../plan/types.ts';
import type { Check } from '../preflight/check.ts';
import type { Registered } from '../registry/records.ts';
import type { ReviewedPackage } from '../registry/review.ts';

/** Output `status`. Only the first six are green. */
export type Status =
  | 'succeeded'
  | 'reused'
  | 'started'
  | 'planned'
  | 'approved'
  | 'rejected'
  | 'failed'
  | 'stopped'
  | 'cancelled'
  | 'timed-out';

/** A package that the registry has confirmed. */
export interface RegisteredPackage {
  readonly region: RegionCode;
  readonly awsRegion: string;
  readonly arn: string;
  readonly group: string;
  readonly version: number;
  readonly approval: ApprovalStatus;
  /** Registered by an earlier deployment. */
  readonly reused: boolean;
  /** false: a team's own script said so, the registry was not asked. */
  readonly confirmed: boolean;
  /** The approval status that this run has just replaced. */
  readonly approvalBefore?: ApprovalStatus;
}

/** Where the run comes from; `none` or undefined where unknown. */
interface RunOrigin {
  readonly provenance: Provenance;
  readonly releaseTag: string | undefined;
  readonly actor: string | undefined;
}

/** Everything that a run knows, as the report reads it. What is absent was not known when the run ended. */
export interface RunReport {
  readonly status: Status;
  readonly inputs?: Inputs;
  /** Name of the pipeline, from the configuration. */
  readonly pipeline?: string;
  readonly plan?: Plan;
  readonly prepared?: Prepared;
  readonly execution?: Execution;
  /** In the order in which the regions were asked for. */
  readonly packages: readonly RegisteredPackage[];
  readonly steps: readonly StepState[];
  readonly packageReport?: PackageReport | undefined;
  readonly explanations: readonly Explanation[];
  /** Set for every red status. */
  readonly error?: DeployError;
  readonly warnings: readonly string[];
  /** What preflight found; absent where the run ended before it. */
  readonly checks?: readonly Check[];
  /** Packages whose approval was asked to change; of approve mode. */
  readonly approvals?: readonly ReviewedPackage[];
  /** What a deployment would change; of plan mode. */
  readonly comparison?: Comparison;
  /** What the load test has shown; absent where none was asked for or made. */
  readonly loadTest?: LoadTestResult;
  /** What it was held against. */
  readonly loadTestPlan?: LoadTestPlan;
  /** Ran against an embedded AWS on this machine: nothing here exists in an account. */
  readonly rehearsal?: boolean;
  readonly origin?: RunOrigin;
  readonly durationMs: number;
}

/**
 * The one record of a run. Whoever learns something writes it here at once, so that an end at any point can report
 * everything that was known by then.
 */
export interface RunRecord extends Mutable<RunReport> {
  /** The status is final: what goes wrong afterwards is a warning. */
  ended: boolean;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A record that knows only where the run comes from. Unless something else is recorded, the run has failed. */
export function createRecord({ provenance, releaseTag, actor }: Context): RunRecord {
  const origin = { provenance, releaseTag, actor };
  return {
    status: 'failed',
    ended: false,
    packages: [],
    steps: [],
    explanations: [],
    warnings: [],
    origin,
    durationMs: 0,
  };
}

/** Writes the package of one region, in place of an earlier entry of that region. */
export function recordPackage(record: RunRecord, entry: Registered, { reused }: { readonly reused: boolean }): void {
  const { region } = entry.registration;
  const others = record.packages.filter((known) => known.region !== region);
  const order = record.plan?.registrations.map((registration) => registration.region) ?? [];
  record.packages = [...others, registeredPackage(entry, reused)].sort(
    (a, b) => order.indexOf(a.region) - order.indexOf(b.region),
  );
}

/** Writes what is known of packages whose approval is set. Those that were asked for are the packages of the run. */
export function recordApprovals(record: RunRecord, approvals: readonly ReviewedPackage[]): void {
  record.approvals = approvals;
  record.packages = approvals
    .filter(({ reason, package: { status } }) => reason === 'asked' && status === 'Completed')
    .map(({ region, package: { arn, group, version, approval: before }, now }) => ({
      region,
      awsRegion: AWS_REGIONS[region],
      arn,
      group,
      version,
      approval: now,
      reused: true,
      confirmed: true,
      ...(now === before ? {} : { approvalBefore: before }),
    }));
}

/** Takes packages back that were registered by this run and must not be used. */
export function withdrawPackages(record: RunRecord, entries: readonly Registered[]): void {
  const arns = new Set(entries.map((entry) => entry.package.arn));
  record.packages = record.packages.filter(({ arn }) => !arns.has(arn));
}

/** The end of a run as it was meant to come, green or red. */
export function recordEnd(record: RunRecord, status: Status, error?: DeployError): void {
  record.status = status;
  if (error !== undefined) record.error = error;
  record.ended = true;
}

/** The end of a run by something that was thrown. After its end nothing changes its status any more. */
export function recordFailure(record: RunRecord, thrown: unknown): void {
  const error = asDeployError(thrown);
  if (record.ended) {
    record.warnings = [...record.warnings, `After the end of the run: ${error.message}`];
    return;
  }
  recordEnd(record, error.code === 'cancelled' ? 'cancelled' : 'failed', error);
}

/** `Approved`, and what it was where this run has changed it: that is a promotion. */
export function approvalText({ approval, approvalBefore }: RegisteredPackage): string {
  return approvalBefore === undefined ? approval : `${approval}, set now; it was ${approvalBefore}`;
}

export function isGreen(status: Status): boolean {
  switch (status) {
    case 'succeeded':
    case 'reused':
    case 'started':
    case 'planned':
    case 'approved':
    case 'rejected':
      return true;
    case 'failed':
    case 'stopped':
    case 'cancelled':
    case 'timed-out':
      return false;
  }
}

function registeredPackage(
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
