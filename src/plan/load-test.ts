import type { LoadTestSpec, LoadTestState } from '../aws/types.ts';
import { type Config, MOST_INITIAL_USERS, MOST_SPAWN_RATE, usersReached } from '../config/index.ts';
import { sha256 } from './locations.ts';

/** Input `load-test`: none, one that only reports, or one that a package has to pass. */
export type LoadTestMode = 'off' | 'report' | 'require';

/** What a package is tested with; derived from the configuration alone, so that plan can show it. */
export interface LoadTestPlan {
  readonly instanceType: string;
  /** Calls a second that one instance is expected to answer. */
  readonly expectedTps: number;
  readonly maxLatencyMs: number;
  /** Concurrent users that are there after half of the duration. */
  readonly users: number;
  readonly initialUsers: number;
  /** New users a minute. */
  readonly spawnRate: number;
  readonly durationSeconds: number;
  readonly jobDurationSeconds: number;
}

/** What a load test has shown, as the output `load-test` has it. */
export interface LoadTestResult {
  readonly status: 'passed' | 'failed' | 'error';
  readonly region: string;
  readonly instance_type: string;
  readonly max_invocations_per_minute: number | null;
  readonly model_latency_ms: number | null;
  readonly cost_per_hour_usd: number | null;
  readonly cost_per_inference_usd: number | null;
  /** Name of the Inference Recommender job. */
  readonly job: string;
  /** What is wrong, for a status other than passed; sentences. */
  readonly reasons: readonly string[];
  /** Instances that the expected calls need; null where nothing was measured. */
  readonly instances_needed: number | null;
}

/** An endpoint takes minutes to come up and to go; JobDurationInSeconds is at most 18,000. */
const ENDPOINT_SECONDS = 3600;
const USUAL_SECONDS = 600;
const LONGEST_SECONDS = 3600;
/** The API's integers have 32 bits. */
const MOST_INVOCATIONS = 2 ** 31 - 1;

/** By Little's law: the expected calls a second, each as slow as is acceptable, keep so many users busy. */
function busyUsers({ expectedTps, maxLatencyMs }: Pick<LoadTestPlan, 'expectedTps' | 'maxLatencyMs'>): number {
  return Math.max(1, Math.ceil((expectedTps * maxLatencyMs) / 1000));
}

/**
 * As many users as the expected calls keep busy, all there after half of the duration; the other half goes on adding, so
 * that the test ends by a limit and not by its own weakness. It lasts as long as they take to come.
 */
export function planLoadTest({ payload }: Config, instanceType: string): LoadTestPlan {
  const { expected_tps: expectedTps, max_latency_in_millisecond: maxLatencyMs } = payload;
  const longest = payload.load_test_duration_seconds ?? LONGEST_SECONDS;
  const busy = busyUsers({ expectedTps, maxLatencyMs });
  const users = Math.min(payload.load_test_users ?? busy, usersReached(longest));
  const initialUsers = Math.min(users, MOST_INITIAL_USERS);
  const needed = Math.ceil(((users - initialUsers) / MOST_SPAWN_RATE) * 60 * 2);
  const durationSeconds = payload.load_test_duration_seconds ?? Math.max(needed, USUAL_SECONDS);
  const rampMinutes = durationSeconds / 60 / 2;
  return {
    instanceType,
    expectedTps,
    maxLatencyMs,
    users,
    initialUsers,
    spawnRate: Math.max(1, Math.ceil((users - initialUsers) / rampMinutes)),
    durationSeconds,
    jobDurationSeconds: durationSeconds + ENDPOINT_SECONDS,
  };
}

/** What plan and log say before any money is spent. */
export function loadTestCostSentence(plan: LoadTestPlan): string {
  const { durationSeconds, expectedTps, instanceType, users } = plan;
  const minutes = Math.round(durationSeconds / 60);
  const cost = `The load test runs 1 x ${instanceType} for about ${minutes} minutes, and 10 to 20 more to come up and go; SageMaker Inference Recommender makes the endpoint and removes it.`;
  if (users >= busyUsers(plan)) return cost;
  const reached = Math.floor((users * 1000) / expectedTps);
  return `${cost} Its ${users} users reach ${expectedTps} calls a second only where an answer takes at most ${reached} ms.`;
}

export interface TestedPackage {
  readonly packageArn: string;
  /** A group that was removed and made again counts its versions from 1: the ARN alone is not the package. */
  readonly fingerprint: string | undefined;
  readonly roleArn: string;
  readonly kmsKey: string | undefined;
}

/** The name of the job follows from the package and the test: a lost run finds its job, a repeated one its result. */
export function loadTestSpec(plan: LoadTestPlan, tested: TestedPackage): LoadTestSpec {
  const { fingerprint, kmsKey, packageArn, roleArn } = tested;
  const identity = sha256(JSON.stringify([packageArn, fingerprint, plan]));
  return {
    name: `bsm-load-test-${identity.slice(0, 24)}`,
    description: 'Load test of a model package by bsm-pytorch-deploy',
    packageArn,
    roleArn,
    kmsKey,
    instanceType: plan.instanceType,
    initialUsers: plan.initialUsers,
    spawnRate: plan.spawnRate,
    durationSeconds: plan.durationSeconds,
    jobDurationSeconds: plan.jobDurationSeconds,
    // A tenth more than expected: what is reported then reaches the expectation and does not end just below it.
    maxInvocationsPerMinute: Math.min(Math.ceil(plan.expectedTps * 60 * 1.1), MOST_INVOCATIONS),
    maxLatencyMs: plan.maxLatencyMs,
  };
}

/**
 * The verdict on what a completed job has measured: one that was stopped or failed has measured less than it could. An
 * error rate is not part of it: the service reports none.
 */
export function judgeLoadTest(
  plan: LoadTestPlan,
  { failureReason, status, ...state }: LoadTestState,
  at: { readonly region: string; readonly job: string },
): LoadTestResult {
  const expected = plan.expectedTps * 60;
  const metrics = status === 'COMPLETED' ? state.metrics : undefined;
  const invocations = metrics?.maxInvocationsPerMinute;
  const latency = metrics?.modelLatencyMs;
  const measured = invocations !== undefined && latency !== undefined;
  const failed = [
    ...(measured && invocations < expected
      ? [
          `${invocations} invocations a minute were reached; expected ${expected} (payload.expected_tps ${plan.expectedTps})`,
        ]
      : []),
    ...(measured && latency > plan.maxLatencyMs
      ? [
          `the model latency was ${latency} ms; expected at most ${plan.maxLatencyMs} ms (payload.max_latency_in_millisecond)`,
        ]
      : []),
  ];
  const error = measured ? [] : [failureReason ?? `the job ended as ${status} and reported no whole measurement`];
  return {
    status: !measured ? 'error' : failed.length > 0 ? 'failed' : 'passed',
    region: at.region,
    instance_type: plan.instanceType,
    max_invocations_per_minute: invocations ?? null,
    model_latency_ms: latency ?? null,
    cost_per_hour_usd: metrics?.costPerHourUsd ?? null,
    cost_per_inference_usd: metrics?.costPerInferenceUsd ?? null,
    job: at.job,
    reasons: [...failed, ...error],
    instances_needed: invocations === undefined || invocations === 0 ? null : Math.ceil(expected / invocations),
  };
}
