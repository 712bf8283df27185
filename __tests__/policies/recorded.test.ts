import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedRequest } from '../../embedded-aws/http/recorder.ts';
import { openWorld, testPython } from '../e2e/world.ts';
import { ROOT } from '../harness/run-action.ts';
import {
  actionsOf,
  approvingPoliciesOf,
  list,
  policiesOf,
  policy,
  readText,
  type PolicyDocument,
} from './documents.ts';
import { decide, type IamRequest } from './evaluate.ts';
import { iamRequests } from './iam-requests.ts';
import { IAM_ACTIONS, JUSTIFIED_EXTRAS } from './operations.ts';
import { startRecordingProxy, type RecordingProxy } from './recording-proxy.ts';

const hasBoto3 = spawnSync(testPython(), ['-c', 'import boto3']).status === 0;
if (!hasBoto3) console.warn('SKIPPED: boto3 is not installed, so no registration job is seen.');

/** What the action asked AWS for in each run, as IAM is asked; and what the jobs of its pipeline did. */
const asked: { plan: IamRequest[]; deploy: IamRequest[]; promote: IamRequest[] } = {
  plan: [],
  deploy: [],
  promote: [],
};
let byJobs: readonly RecordedRequest[] = [];
const exitCodes: number[] = [];

beforeAll(async () => {
  const world = await openWorld();
  let proxy: RecordingProxy | undefined;
  try {
    const recording = await startRecordingProxy(world.aws.url);
    proxy = recording;
    world.configure((config) => Object.assign(config['package'] ?? {}, { verify: false }));
    const regions = hasBoto3 ? 'NA, EU' : 'NA';
    const run = async (inputs: Readonly<Record<string, string>>) => {
      const { exitCode } = await world.deploy(inputs, { env: { AWS_ENDPOINT_URL: recording.url } });
      exitCodes.push(exitCode ?? -1);
      return recording.take().flatMap(iamRequests);
    };
    asked.plan.push(...(await run({ mode: 'plan', regions: 'NA, EU' })));
    asked.deploy.push(...(await run({ regions })));
    asked.deploy.push(...(await run({ regions })));
    asked.plan.push(...(await run({ mode: 'plan', regions })));
    asked.promote.push(...(await run({ regions, 'approval-status': 'Approved' })));
    byJobs = world.aws.requests().filter(({ userAgent }) => /boto3/i.test(userAgent));
  } finally {
    await proxy?.close();
    await world.close();
  }
}, 240_000);
afterAll(() => {
  for (const requests of Object.values(asked)) requests.length = 0;
});

/** What these policies do not allow of the requests, each once. */
function refused(policies: readonly PolicyDocument[], requests: readonly IamRequest[]): readonly string[] {
  const bad = requests.filter((request) => decide(policies, request) !== 'allowed');
  return [
    ...new Set(bad.map(({ action, resource, context }) => [action, resource, JSON.stringify(context)].join(' '))),
  ];
}

const actions = (requests: readonly IamRequest[]) => requests.map(({ action }) => action);
const needed = (operations: Iterable<string>) =>
  [...new Set([...operations].flatMap((name) => IAM_ACTIONS[name] ?? [`no mapping for ${name}`]))].sort();
const beyond = (some: readonly string[], allowed: readonly string[]) =>
  [...new Set(some)].filter((action) => !allowed.includes(action)).sort();

/** Every SDK command in the action's code, whether a run got to it or not. */
function written(): readonly string[] {
  const folder = join(ROOT, 'src/aws/sdk');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const code = files.map((name) => readText(join('src/aws/sdk', name))).join('\n');
  const found = [...code.matchAll(/\b([A-Z]\w+)Command\b|\bpaginate([A-Z]\w+)\b/g)];
  const names = new Set(found.map(([, command, paginated]) => command ?? paginated ?? ''));
  return Object.keys(IAM_ACTIONS)
    .filter((key) => names.has(key.slice(key.indexOf(':') + 1)))
    .concat([...names].filter((name) => !Object.keys(IAM_ACTIONS).some((key) => key.endsWith(`:${name}`))));
}

describe('the runs that were recorded', () => {
  test('succeeded, and asked for something', () => {
    expect(exitCodes).toEqual([0, 0, 0, 0, 0]);
    expect(asked.deploy.length).toBeGreaterThan(20);
    expect(asked.plan.length).toBeGreaterThan(5);
  });

  test('wrote under conditions, and passed a role', () => {
    expect(asked.deploy.filter(({ context }) => context?.['s3:if-none-match'] === '*').length).toBeGreaterThan(3);
    expect(actions(asked.deploy)).toContain('iam:PassRole');
  });
});

describe('the deploying role', () => {
  test('may do what a deployment asked for, to the very resources and under the very conditions', () => {
    expect(refused(policiesOf('deploy'), asked.deploy)).toEqual([]);
  });

  test('may not approve as a deployment with approval-status: Approved asks for', () => {
    const approving = refused(policiesOf('deploy'), asked.promote);
    expect(approving.length).toBeGreaterThan(0);
    expect(approving.filter((line) => !/^sagemaker:UpdateModelPackage .*"Approved"/.test(line))).toEqual([]);
  });

  test('may approve where the template allows it', () => {
    expect(refused(approvingPoliciesOf('deploy'), asked.promote)).toEqual([]);
  });

  test('may do every call that the code can make', () => {
    const own = actionsOf('deploy', 'load-test');
    expect(beyond(needed(written()), own)).toEqual([]);
  });

  test('may do nothing else', () => {
    const reasons = [...needed(written()), ...actions(asked.deploy), ...Object.keys(JUSTIFIED_EXTRAS.deploy)];
    expect(beyond(actionsOf('deploy'), reasons)).toEqual([]);
  });
});

describe('the planning role', () => {
  test('may do what a plan asked for, to the very resources', () => {
    expect(refused(policiesOf('plan'), asked.plan)).toEqual([]);
  });

  test('may do less than the deploying one, and nothing that changes something', () => {
    expect(beyond(actionsOf('plan', 'plan-kms'), actionsOf('deploy', 'deploy-kms'))).toEqual([]);
    expect(actionsOf('plan').filter((action) => !/:(Get|List|Describe)/.test(action))).toEqual([]);
  });

  test('may do nothing that a plan never asks for', () => {
    const reasons = [...actions(asked.plan), ...Object.keys(JUSTIFIED_EXTRAS.plan)];
    expect(beyond(actionsOf('plan'), reasons)).toEqual([]);
  });
});

describe('the approving role', () => {
  test('may see and approve the packages that the deployment registered', () => {
    const ofPackages = asked.promote.filter(({ action }) => /(Describe|Update)ModelPackage$/.test(action));
    expect(ofPackages.length).toBeGreaterThan(1);
    expect(refused(policiesOf('approve'), ofPackages)).toEqual([]);
  });

  test('may set three statuses and nothing without one', () => {
    const changing = policy('approve').Statement.filter(({ Action }) =>
      list(Action).includes('sagemaker:UpdateModelPackage'),
    );
    expect(changing.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'sagemaker:ModelApprovalStatus': ['Approved', 'Rejected', 'PendingManualApproval'] } },
    ]);
  });

  test('may do three things', () => {
    expect(actionsOf('approve')).toEqual([
      'sagemaker:DescribeModelPackage',
      'sagemaker:ListModelPackages',
      'sagemaker:UpdateModelPackage',
    ]);
  });
});

describe("the pipeline's role", () => {
  const PACKAGE = (region: string) => `arn:aws:sagemaker:${region}:123456789012:model-package/bsm-team-BSM-RnR-NA/1`;

  /** The recorder keeps bucket and key, and of SageMaker's requests the operation: they are about our one group. */
  function judged({ service, operation, bucket, key, region }: RecordedRequest): readonly IamRequest[] {
    const needs = IAM_ACTIONS[`${service}:${operation}`] ?? [`no mapping for ${service}:${operation}`];
    if (service !== 's3') return needs.map((action) => ({ action, resource: PACKAGE(region) }));
    const writes = (action: string) => action !== 's3:GetObject' || needs.length === 1;
    const resource = `arn:aws:s3:::${[bucket, key].filter((part) => part !== undefined).join('/')}`;
    return needs.filter(writes).map((action) => ({ action, resource }));
  }

  test('may do what its registration jobs asked for', () => {
    expect(byJobs.length > 0).toBe(hasBoto3);
    expect(refused(policiesOf('pipeline', ['pipeline-default-buckets']), byJobs.flatMap(judged))).toEqual([]);
  });

  test('needs the default buckets for a region without a bucket of its own', () => {
    const outside = refused(policiesOf('pipeline'), byJobs.flatMap(judged));
    expect(outside.length > 0).toBe(hasBoto3);
    expect(outside.filter((line) => !line.includes('arn:aws:s3:::sagemaker-eu-west-1-123456789012'))).toEqual([]);
  });

  test('may do nothing without a reason', () => {
    const calls = [...readText('container/register_model.py').matchAll(/registry\.([a-z_]+)\(/g)];
    const names = calls.map(
      ([, name = '']) => `sagemaker:${name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`,
    );
    const copies = ['s3:HeadBucket', 's3:HeadObject', 's3:GetObject', 's3:PutObject', 's3:CopyObject'];
    const reasons = [...needed([...names, ...copies]), ...Object.keys(JUSTIFIED_EXTRAS.pipeline)];
    expect(beyond(needed(names), actionsOf('pipeline'))).toEqual([]);
    expect(beyond(actionsOf('pipeline'), reasons)).toEqual([]);
  });
});

test.each(['deploy', 'plan', 'approve', 'pipeline'] as const)('%s has no reason for what it does not allow', (role) => {
  expect(beyond(Object.keys(JUSTIFIED_EXTRAS[role]), actionsOf(role))).toEqual([]);
});
