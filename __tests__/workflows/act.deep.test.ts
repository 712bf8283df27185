import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BUCKET, testPython } from '../e2e/world.ts';
import { startGitHub } from '../fakes/github.ts';
import { ROOT } from '../harness/run-action.ts';
import { actProgram, openWorkflows, type WorkflowRun, type WorkflowWorld } from './act.ts';

// The workflows of examples/ by a real runner, as they are: expressions, outputs over needs, conditions, post steps.
const program = actProgram() ?? '';
if (program === '') console.warn('SKIPPED: act is not installed (BSM_TOOLS_BIN), so no runner runs the workflows.');
test('act is there in CI', () => {
  expect(program !== '' || process.env['CI'] !== 'true').toBe(true);
});
const suite = program === '' ? describe.skip : describe;

const GROUP = 'bsm-team-BSM-RnR-NA';
let world: WorkflowWorld;
const open = async () => {
  world = await openWorkflows(program);
};

const putModel = (folder: string) =>
  world.aws.store.putFile(BUCKET, `releases/${folder}/model.tar.gz`, join(ROOT, 'examples', 'bsm', 'model.tar.gz'));

const release = (tag: string, more: Partial<Parameters<WorkflowWorld['run']>[0]> = {}) =>
  world.run({
    workflow: 'release.yml',
    event: { name: 'release', payload: { action: 'published', release: { tag_name: tag } } },
    ...more,
  });

/** Approval of every version by region, asked with an independent client. */
async function approvals(): Promise<unknown> {
  const script = `
import boto3, json
found = {}
for region in ("us-east-1", "eu-west-1"):
    client = boto3.client("sagemaker", region_name=region)
    listed = client.list_model_packages(ModelPackageGroupName="${GROUP}", SortBy="CreationTime", SortOrder="Ascending")
    found[region] = [p["ModelApprovalStatus"] for p in listed["ModelPackageSummaryList"]]
print(json.dumps(found))`;
  const env = {
    PATH: process.env['PATH'],
    AWS_ENDPOINT_URL: world.aws.url,
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'x',
  };
  const { stdout } = await promisify(execFile)(testPython(), ['-c', script], { env });
  return JSON.parse(stdout);
}

const operations = () => world.aws.requests().map(({ operation }) => operation);

suite('release.yml', () => {
  let run: WorkflowRun;
  beforeAll(async () => {
    await open();
    await putModel('v1.3.0');
    run = await release('v1.3.0');
  });
  afterAll(() => world.close());

  const versions = { NA: { group: GROUP, version: 1 }, EU: { group: GROUP, version: 1 } };

  test('deploys the model of the tag, in both regions', () => {
    expect([run.exitCode, run.outputs('Deploy')['status']]).toEqual([0, 'succeeded']);
    expect(JSON.parse(run.outputs('Deploy')['model-package-versions'] ?? '')).toEqual(versions);
  });

  test('hands the packages over needs to the job that approves them', async () => {
    expect(run.outputs('Approve')['status']).toBe('approved');
    expect(JSON.parse(run.outputs('Approve')['model-package-versions'] ?? '')).toEqual(versions);
    expect(await approvals()).toEqual({ 'us-east-1': ['Approved'], 'eu-west-1': ['Approved'] });
  });

  test('approves nothing where the deployment fails', async () => {
    const before = operations().length;
    const failed = await release('v0.0.0');
    expect([failed.exitCode, failed.outputs('Deploy')['status'], failed.outputs('Approve')]).toEqual([1, 'failed', {}]);
    expect(operations().slice(before)).not.toContain('UpdateModelPackage');
  });

  test('is rolled back by rollback.yml: the version is approved, and the newer one rejected', async () => {
    const code = readFileSync(join(ROOT, 'examples', 'bsm', 'scripts', 'inference.py'), 'utf8');
    world.write('scripts/inference.py', `${code}\n# Release 1.4.0\n`);
    await putModel('v1.4.0');
    const second = await release('v1.4.0');
    expect([second.exitCode, await approvals()]).toEqual([
      0,
      { 'us-east-1': ['Approved', 'Approved'], 'eu-west-1': ['Approved', 'Approved'] },
    ]);
    const before = operations().length;
    const rolledBack = await world.run({
      workflow: 'rollback.yml',
      event: { name: 'workflow_dispatch', payload: { inputs: { version: '1', reason: 'Wrong answers' } } },
    });
    expect([rolledBack.exitCode, rolledBack.outputs('Roll back')['status']]).toEqual([0, 'approved']);
    expect(await approvals()).toEqual({ 'us-east-1': ['Approved', 'Rejected'], 'eu-west-1': ['Approved', 'Rejected'] });
    expect(operations().slice(before)).not.toContain('StartPipelineExecution');
  });
});

suite('release.yml that is cancelled', () => {
  beforeEach(open);
  afterEach(() => world.close());

  test('stops its execution in the post step, although main was killed, and approves nothing', async () => {
    await putModel('v1.3.0');
    world.write('scripts/mims_package.py', 'import time\nwhile True:\n    time.sleep(0.1)\n');
    const run = await release('v1.3.0', { cancelWhen: (printed) => /PackagingStep +Executing/.test(printed) });
    expect([run.exitCode, run.outputs('Approve')]).toEqual([1, {}]);
    expect(run.printed).toContain('asked AWS to stop');
    expect(operations()).toContain('StopPipelineExecution');
    const execution = run.outputs('Deploy')['pipeline-execution-arn'] ?? '';
    expect(run.printed).toContain(`asked AWS to stop ${execution}`);
  });
});

suite('pull-request.yml', () => {
  beforeEach(open);
  afterEach(() => world.close());

  const pullRequest = (from: string) => ({
    name: 'pull_request',
    payload: {
      action: 'opened',
      number: 7,
      repository: { full_name: 'org/models' },
      pull_request: {
        number: 7,
        head: { ref: 'change', sha: '1'.repeat(40), repo: { full_name: from } },
        base: { ref: 'main', sha: '2'.repeat(40), repo: { full_name: 'org/models' } },
      },
    },
  });

  test('plans and rehearses a change of the own repository', async () => {
    await putModel('latest');
    const gitHub = await startGitHub();
    try {
      const run = await world.run({
        workflow: 'pull-request.yml',
        event: pullRequest('org/models'),
        env: { GITHUB_API_URL: gitHub.url },
        flags: ['--secret=GITHUB_TOKEN=ghs_token'],
      });
      expect([run.exitCode, run.outputs('Plan')['status'], run.outputs('Rehearse')['status']]).toEqual([
        0,
        'planned',
        'succeeded',
      ]);
      expect(operations()).not.toContain('CreatePipeline');
      expect(gitHub.comments).toHaveLength(1);
    } finally {
      await gitHub.close();
    }
  });

  test('only rehearses a change of a fork', async () => {
    const run = await world.run({ workflow: 'pull-request.yml', event: pullRequest('someone/models') });
    expect([run.exitCode, run.outputs('Plan'), run.outputs('Rehearse')['status']]).toEqual([0, {}, 'succeeded']);
    expect(operations()).toEqual([]);
  });
});
