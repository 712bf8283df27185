import type { Aws } from '../../src/aws/types.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { DeployError } from '../../src/core/errors.ts';
import type { Annotation, Runner } from '../../src/core/runner.ts';
import type { Inputs } from '../../src/inputs/index.ts';
import type { Plan } from '../../src/plan/types.ts';
import type { RegisteredPackage, RunRecord } from '../../src/report/record.ts';
import type { RunContext } from '../../src/run/dependencies.ts';
import { cleanUp } from '../../src/run/cleanup.ts';
import { testUnderLoad } from '../../src/run/load-test.ts';
import { fakeClock } from '../fakes/clock.ts';
import { memoryLoadTests, refusedCall } from '../fakes/load-tests.ts';
import { exampleConfig } from '../plan/fixture.ts';

export const HOUR_MS = 3_600_000;
export const NA = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/group/7';
export const EU = 'arn:aws:sagemaker:eu-west-1:123456789012:model-package/group/3';
export const REGION_OF = { [NA]: 'NA', [EU]: 'EU' } as const;
const PLAN = {
  parameters: { InferenceInstanceType: 'ml.m5.large' },
  pipeline: { roleArn: 'arn:aws:iam::123456789012:role/pipeline' },
  registrations: [{ region: 'NA', fingerprint: 'f'.repeat(64) }],
  kmsKey: undefined,
} as unknown as Plan;

interface Stored {
  approval: string;
  metadata: Readonly<Record<string, string>>;
}

/** A registry with a package in two regions, an Inference Recommender and a runner; time passes at once. */
export function openTested(packages: readonly (typeof NA | typeof EU)[] = [EU, NA]) {
  const clock = fakeClock();
  const tests = memoryLoadTests(clock);
  const cancel = new AbortController();
  const stored = new Map<string, Stored>(
    packages.map((arn) => [arn, { approval: 'PendingManualApproval', metadata: { git_commit: 'c0ffee' } }]),
  );
  const denied = { approval: new Set<string>(), metadata: new Set<string>() };
  const asked: string[] = [];
  const registry = {
    describe: (arn: string) => Promise.resolve(stored.get(arn)),
    setApproval(arn: string, approval: string) {
      if (denied.approval.has(arn)) return Promise.reject(refusedCall(`set ${arn}`, 'AccessDeniedException'));
      Object.assign(stored.get(arn) ?? {}, { approval });
      return Promise.resolve();
    },
    addMetadata(arn: string, metadata: Readonly<Record<string, string>>) {
      if (denied.metadata.has(arn)) return Promise.reject(refusedCall(`describe ${arn}`, 'AccessDeniedException'));
      // As the interface promises: what the package has already stays.
      Object.assign(stored.get(arn)?.metadata ?? {}, metadata);
      return Promise.resolve();
    },
  };
  const aws = {
    registry: () => registry,
    loadTests(region: string) {
      asked.push(region);
      return tests;
    },
    requestsMade: () => 0,
  } as unknown as Aws;
  const state: Record<string, string> = {};
  const lines: string[] = [];
  const warnings: Annotation[] = [];
  const runner = {
    info: (line: string) => void lines.push(line),
    annotate: (_severity: string, annotation: Annotation) => void warnings.push(annotation),
    saveState: (name: string, value: string) => void (state[name] = value),
  } as unknown as Runner;
  const registered = (arn: typeof NA | typeof EU): RegisteredPackage => ({
    region: REGION_OF[arn],
    awsRegion: arn === NA ? 'us-east-1' : 'eu-west-1',
    arn,
    group: 'group',
    version: 1,
    approval: 'PendingManualApproval',
    reused: false,
    confirmed: true,
  });
  const record = { packages: packages.map(registered), inputs: { logTailLines: 20 } } as unknown as RunRecord;
  const context = {
    aws,
    cancelled: cancel.signal,
    clock,
    deadlineMs: 6 * HOUR_MS,
    record,
    runner,
  } as unknown as RunContext;
  return {
    asked,
    cancel,
    clock,
    context,
    denied,
    lines,
    record,
    state,
    stored,
    tests,
    warnings,
    test(inputs: Partial<Inputs> = {}, payload: Readonly<Record<string, number>> = { expected_tps: 2 }) {
      const given = { loadTest: 'require', onCancel: 'stop', onTimeout: 'stop', ...inputs } as Inputs;
      return testUnderLoad({ config: exampleConfig({ payload }), inputs: given, plan: PLAN }, context);
    },
    /** What post does with the state that was left. */
    async post(): Promise<readonly string[]> {
      const [said, warned] = [lines.length, warnings.length];
      await cleanUp({ state: (name) => state[name] ?? '', openAws: () => aws, runner, clock: systemClock });
      return [...lines.slice(said), ...warnings.slice(warned).map(({ message }) => message)];
    },
  };
}

export type TestedWorld = ReturnType<typeof openTested>;

export const textOf = (error: DeployError | undefined) => `${error?.message} ${error?.advice}`;
