import type { LoadTestMetrics, LoadTests, LoadTestSpec, LoadTestState } from '../../src/aws/types.ts';
import { DeployError } from '../../src/core/errors.ts';
import type { FakeClock } from './clock.ts';

export const MEASURED: LoadTestMetrics = {
  maxInvocationsPerMinute: 600,
  modelLatencyMs: 40,
  costPerHourUsd: 0.115,
  costPerInferenceUsd: 0.000003,
};

/** What a job shows from a time after its start on; the last one that has come counts. */
type Course = readonly (readonly [atMs: number, state: Partial<LoadTestState> & Pick<LoadTestState, 'status'>])[];

export const QUICK: Course = [
  [0, { status: 'PENDING' }],
  [10_000, { status: 'IN_PROGRESS' }],
  [60_000, { status: 'COMPLETED', metrics: MEASURED }],
];

type Call = 'start' | 'describe' | 'stop';

/** A working Inference Recommender in memory: jobs that run by the clock, keep their names and can be stopped. */
export interface MemoryLoadTests extends LoadTests {
  readonly calls: readonly { readonly call: Call; readonly name: string; readonly atMs: number }[];
  readonly specs: readonly LoadTestSpec[];
  /** What jobs that are started from now on go through. */
  plan(course: Course): void;
  /** A job that is there before the run. */
  add(name: string, course: Course): void;
  /** From now on a call fails, as long as the clock is before a time. */
  fail(call: Call, error: DeployError, untilMs?: number): void;
  /** Jobs that hold an endpoint now. */
  alive(): readonly string[];
}

interface Job {
  readonly beganAtMs: number;
  course: Course;
}

export function memoryLoadTests(clock: FakeClock): MemoryLoadTests {
  const jobs = new Map<string, Job>();
  const calls: { call: Call; name: string; atMs: number }[] = [];
  const specs: LoadTestSpec[] = [];
  const failures = new Map<Call, { readonly error: DeployError; readonly untilMs: number }>();
  let next = QUICK;
  const enter = (call: Call, name: string): Promise<void> => {
    calls.push({ call, name, atMs: clock.nowMs() });
    const failure = failures.get(call);
    return failure !== undefined && clock.nowMs() < failure.untilMs ? Promise.reject(failure.error) : Promise.resolve();
  };
  const stateOf = ({ beganAtMs, course }: Job): LoadTestState => {
    const [, state] = course.findLast(([atMs]) => atMs <= clock.nowMs() - beganAtMs) ?? [0, { status: 'PENDING' }];
    return { failureReason: undefined, metrics: undefined, ...state };
  };
  const isAlive = (job: Job) => !['COMPLETED', 'FAILED', 'STOPPED', 'DELETED'].includes(stateOf(job).status);
  return {
    calls,
    specs,
    plan: (course) => void (next = course),
    add: (name, course) => void jobs.set(name, { beganAtMs: clock.nowMs(), course }),
    fail: (call, error, untilMs = Number.POSITIVE_INFINITY) => void failures.set(call, { error, untilMs }),
    alive: () => [...jobs].filter(([, job]) => isAlive(job)).map(([name]) => name),
    async start(spec) {
      await enter('start', spec.name);
      if (jobs.has(spec.name)) return 'exists';
      specs.push(spec);
      jobs.set(spec.name, { beganAtMs: clock.nowMs(), course: next });
      return 'started';
    },
    async describe(name) {
      await enter('describe', name);
      const job = jobs.get(name);
      return job && stateOf(job);
    },
    async stop(name) {
      await enter('stop', name);
      const job = jobs.get(name);
      if (job === undefined || !isAlive(job)) return;
      jobs.set(name, { beganAtMs: clock.nowMs(), course: [[0, { status: 'STOPPED' }]] });
    },
    logTail: () => Promise.resolve(['the container said no']),
  };
}

/** A call that failed as the SDK tells it: by the name of its error. */
export function refusedCall(doing: string, name: string): DeployError {
  const code = name === 'AccessDeniedException' ? 'access-denied' : 'aws-error';
  const cause = Object.assign(new Error('said by AWS'), { name });
  return new DeployError(code, `Could not ${doing}: ${name}: said by AWS.`, { cause });
}
