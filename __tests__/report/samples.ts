import { jobLogUrl } from '../../src/aws/console-urls.ts';
import { DeployError } from '../../src/core/errors.ts';
import type { StepState } from '../../src/core/runner.ts';
import type { Explanation } from '../../src/monitor/outcome.ts';
import type { PackageReport } from '../../src/monitor/package-report.ts';
import type { Plan } from '../../src/plan/types.ts';
import type { Check } from '../../src/preflight/check.ts';
import type { RegisteredPackage, RunReport } from '../../src/report/record.ts';
import { examplePlan, REQUEST } from '../plan/fixture.ts';

/** When the first step of every sample started. */
export const STARTED_MS = Date.UTC(2026, 10, 23, 9, 30);

const ACCOUNT = 'arn:aws:sagemaker:us-east-1:123456789012';
const PIPELINE = 'bsm-team-BSM-RnR-NA';
const JOB = 'pipelines-a1b2c3d4e5f6-PackagingStep-Zk3mX9qLpR';

/** A step by its times in seconds after the first start; without an end it is still running. */
export function step(name: string, fromS: number, toS?: number, more: Partial<StepState> = {}): StepState {
  return {
    name,
    status: toS === undefined ? 'Executing' : 'Succeeded',
    startedAtMs: STARTED_MS + fromS * 1000,
    endedAtMs: toS === undefined ? undefined : STARTED_MS + toS * 1000,
    failureReason: undefined,
    attempts: 1,
    cachedFrom: undefined,
    modelArn: undefined,
    jobArn: undefined,
    packageArn: undefined,
    ...more,
  };
}

export const job = (name: string) => ({ jobArn: `${ACCOUNT}:processing-job/${name.toLowerCase()}`, jobName: name });

function registered(region: 'NA' | 'EU' | 'FE', awsRegion: string, version: number): RegisteredPackage {
  return {
    region,
    awsRegion,
    arn: `arn:aws:sagemaker:${awsRegion}:123456789012:model-package/${PIPELINE}/${version}`,
    group: PIPELINE,
    version,
    approval: 'PendingManualApproval',
    reused: region === 'FE',
    confirmed: true,
  };
}

const REPORT: PackageReport = {
  sha256: '9f2c4d7a1be05386'.repeat(4),
  sizeBytes: 1_284_519_210,
  way: 'spliced',
  verification: {
    status: 'passed',
    by: 'server',
    python: '3.12',
    torch: '2.6.0',
    reason: undefined,
    payloads: [
      { file: 'payload_text_csv_0.csv', medianMs: 18.4 },
      { file: 'payload_application_json_0.json', medianMs: 17.9 },
    ],
    warnings: [],
  },
};

const CHECKS: readonly Check[] = [
  { name: 'credentials', result: 'passed', found: 'Signed in as arn:aws:sts::123456789012:assumed-role/deploy/run.' },
  { name: 'buckets', result: 'passed', found: 'bsm-models-123456789012 lies in us-east-1.' },
  { name: 'model', result: 'passed', found: 'The archive is there: 1.3 GB.' },
  {
    name: 'disk',
    result: 'suggestion',
    found: 'The packaging job gets 500 GB of disk for a model of 1.3 GB.',
    fix: 'package.processing_volume_size of 20 is enough.',
  },
  {
    name: 'groups',
    result: 'not-made',
    found: 'Not looked at: sagemaker:DescribeModelPackageGroup is not allowed.',
    cost: 'a failed registration after ten minutes',
  },
];

async function base(): Promise<Omit<RunReport, 'status' | 'steps'> & { readonly plan: Plan }> {
  const plan = await examplePlan({ request: { regions: ['NA', 'EU', 'FE'] } });
  const pipelineArn = `${ACCOUNT}:pipeline/${PIPELINE}`;
  return {
    plan,
    prepared: {
      uploads: { written: plan.uploads.slice(0, 3), there: plan.uploads.slice(3), warnings: [] },
      pipelineArn,
      change: 'update',
      versionId: 4,
      before: undefined,
    },
    execution: {
      arn: `${pipelineArn}/execution/k2x9m4q8w1zt`,
      pipelineArn,
      attached: false,
      ours: true,
      startedAtMs: STARTED_MS - 2000,
    },
    packages: [],
    explanations: [],
    warnings: plan.warnings,
    checks: CHECKS,
    origin: { provenance: REQUEST.provenance, releaseTag: 'v1.3.0', actor: 'octocat' },
    durationMs: 743_000,
  };
}

/** Registered in three regions: one step from the cache, one on its second attempt. */
export async function succeeded(): Promise<RunReport> {
  return {
    ...(await base()),
    status: 'succeeded',
    packages: [registered('NA', 'us-east-1', 13), registered('EU', 'eu-west-1', 12), registered('FE', 'us-west-2', 12)],
    packageReport: REPORT,
    loadTestPlan: {
      instanceType: 'ml.m5.large',
      expectedTps: 2,
      maxLatencyMs: 800,
      users: 2,
      initialUsers: 2,
      spawnRate: 1,
      durationSeconds: 600,
      jobDurationSeconds: 4200,
    },
    loadTest: {
      status: 'passed',
      region: 'NA',
      instance_type: 'ml.m5.large',
      max_invocations_per_minute: 132,
      model_latency_ms: 312,
      cost_per_hour_usd: 0.115,
      cost_per_inference_usd: 0.000_014_542_357,
      job: 'bsm-load-test-0123456789abcdef01234567',
      reasons: [],
      instances_needed: 1,
    },
    steps: [
      step('CreatePytorchModelStep', 0, 2.1, { modelArn: `${ACCOUNT}:model/m`, modelName: 'm' }),
      step('PackagingStep', 2.4, 403, { attempts: 2, ...job(JOB) }),
      step('Registration_NA', 403.5, 405, { packageArn: `${ACCOUNT}:model-package/${PIPELINE}/13` }),
      step('Registration_EU', 403.5, 722, job('pipelines-a1b2c3d4e5f6-Registration-EU-7fQ')),
    ],
  };
}

export function explanation(more: Partial<Explanation> = {}): Explanation {
  return {
    step: 'PackagingStep',
    reason: 'ClientError: AlgorithmError: , exit code: 1',
    exitMessage:
      "The packaged model cannot answer: predict_fn failed for payload_text_csv_0.csv: KeyError: 'dialogue'; it was sent as text/csv: `DEFAULT_TEXT,0`",
    attempts: 1,
    jobName: JOB,
    logTail: [
      'Verifying by server',
      'Traceback (most recent call last):',
      '  File "/opt/ml/model/code/inference.py", line 41, in predict_fn',
      '    text = row["dialogue"]',
      "KeyError: 'dialogue'",
    ],
    logProblem: undefined,
    ...more,
  };
}

/** The packaging step failed, with a warning of preflight. */
export async function failed(): Promise<RunReport> {
  const warning: Check = {
    name: 'model-code',
    result: 'warning',
    found: 'The archive holds a code/ folder, which the inference code replaces.',
    cost: 'a model that answers otherwise than the one that was tested',
    fix: 'Leave code/ out of the archive, or expect scripts/ in its place.',
  };
  return {
    ...(await base()),
    status: 'failed',
    error: new DeployError(
      'execution-failed',
      "PackagingStep failed: The packaged model cannot answer: predict_fn failed for payload_text_csv_0.csv: KeyError: 'dialogue'; it was sent as text/csv: `DEFAULT_TEXT,0`",
      {
        advice: `The log of the failed step says more: ${jobLogUrl(JOB)} After mending, run again: what is registered is not registered twice.`,
      },
    ),
    explanations: [explanation()],
    checks: [...CHECKS, warning],
    steps: [
      step('CreatePytorchModelStep', 0, 2.1),
      step('PackagingStep', 2.4, 251, { status: 'Failed', failureReason: 'ClientError', ...job(JOB) }),
    ],
    durationMs: 262_000,
  };
}
