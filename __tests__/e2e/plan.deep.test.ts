import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { startGitHub } from '../fakes/github.ts';
import type { ActionRun } from '../harness/run-action.ts';
import { runnerCommands } from '../harness/runner-commands.ts';
import { BUCKET, openWorld, type World } from './world.ts';

let world: World;
let kept: string;
beforeEach(async () => {
  world = await openWorld();
  world.configure((config) => Object.assign(config['package'] ?? {}, { verify: false }));
  kept = join(world.workspace, 'kept');
  mkdirSync(kept);
});
afterEach(() => world.close());

/** Files of the run stay, so that plan-path can be read. */
const plan = (inputs: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}) =>
  world.deploy({ mode: 'plan', ...inputs }, { env: { RUNNER_TEMP: kept, ...env } });

interface PlanFile {
  readonly [key: string]: unknown;
  readonly preflight: readonly { readonly name: string; readonly result: string; readonly found: string }[];
  readonly uploads: readonly { readonly there: boolean | null }[];
  readonly diff: readonly { readonly part: string; readonly kind: string; readonly changes: readonly unknown[] }[];
}

const planOf = ({ outputs }: ActionRun) => JSON.parse(readFileSync(outputs['plan-path'] ?? '', 'utf8')) as PlanFile;
const errors = ({ stdout }: ActionRun) => runnerCommands(stdout).filter(({ command }) => command === 'error');
const results = (file: PlanFile, result: string) =>
  file.preflight.filter((check) => check.result === result).map(({ name }) => name);
const KEYS = [
  'config',
  'definition',
  'parameters',
  'uploads',
  'execution_document',
  'fingerprint',
  'change',
  'diff',
  'preflight',
];
const WITHOUT_CREDENTIALS = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };

describe('mode: plan', () => {
  test('shows what a first deployment would do, and changes nothing', async () => {
    const run = await plan({ regions: 'NA EU' });
    expect([run.exitCode, run.outputs['status'], run.outputs['pipeline-change']]).toEqual([0, 'planned', 'create']);
    expect([...new Set(world.operations())].filter((name) => !/^(Get|Head|List|Describe)/.test(name))).toEqual([]);
    const file = planOf(run);
    expect(Object.keys(file)).toEqual(expect.arrayContaining(KEYS));
    expect(file).toMatchObject({ change: 'create', fingerprint: run.outputs['fingerprint'], problems: [] });
    expect(file.uploads.every(({ there }) => there === false)).toBe(true);
    expect(file.diff.map(({ part, kind }) => `${kind} ${part}`)).toEqual([
      'added pipeline',
      'added CreatePytorchModelStep',
      'added PackagingStep',
      'added Registration_NA',
      'added Registration_EU',
    ]);
    expect(results(file, 'failed')).toEqual([]);
    expect(run.summary).toContain('The pipeline would be created.');
    expect(run.post).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('shows the difference to what is deployed, and what is registered already', async () => {
    const deployed = await world.deploy();
    world.configure((config) => Object.assign(config['package'] ?? {}, { processing_volume_size: 40 }));
    const run = await plan();
    const file = planOf(run);
    expect([run.exitCode, file['change']]).toEqual([0, 'update']);
    expect(file.diff).toMatchObject([
      {
        part: 'PackagingStep',
        changes: [{ path: 'ProcessingResources.ClusterConfig.VolumeSizeInGB', old: 30, new: 40 }],
      },
    ]);
    expect(file.uploads.every(({ there }) => there === true)).toBe(true);
    expect(file['registrations']).toMatchObject([{ state: 'registered', arn: deployed.outputs['model-package-arn'] }]);
    expect(run.stdout).toContain('\u001b[31m-     30\u001b[0m\n\u001b[32m+     40\u001b[0m');
    expect(run.summary).toContain('-     30\n+     40');
  });

  test('needs no credentials, and says what it could not look at', async () => {
    const run = await plan({}, WITHOUT_CREDENTIALS);
    const file = planOf(run);
    expect([run.exitCode, run.outputs['status'], errors(run)]).toEqual([0, 'planned', []]);
    expect(file).toMatchObject({ change: null, fingerprint: null, diff: [] });
    expect(file['problems']).toEqual([expect.stringMatching(/^Nothing could be compared with AWS: /)]);
    expect(results(file, 'not-made')).toEqual([
      'credentials',
      'buckets',
      'model',
      'model-archive',
      'model-code',
      'disk',
    ]);
    expect(file['definition']).toMatchObject({ Version: '2020-12-01' });
    expect(run.outputs['fingerprint']).toBeUndefined();
    expect(world.operations()).toEqual([]);
  });

  test('is red where a deployment would fail, and shows the difference all the same', async () => {
    const run = await plan({ 'model-s3-path': 's3://bsm-models-123456789012/releases/9.9.9/model.tar.gz' });
    expect([run.exitCode, run.outputs['status'], run.outputs['pipeline-change']]).toEqual([1, 'failed', 'create']);
    expect(errors(run).map(({ properties }) => properties['title'])).toEqual(['model-missing']);
    expect(results(planOf(run), 'failed')).toEqual(['model']);
  });

  test('is red for a package that was rejected, as a deployment would be', async () => {
    await world.deploy({ 'approval-status': 'Rejected' });
    const run = await plan();
    expect([run.exitCode, errors(run).map(({ properties }) => properties['title'])]).toEqual([
      1,
      ['registered-rejected'],
    ]);
    expect(run.stdout).toContain('a deployment fails unless it says if-registered: again');
  });

  test('makes nothing up where the code may not be read', async () => {
    await world.aws.store.putFile(BUCKET, 'code/inference.py', join(world.workspace, 'scripts', 'inference.py'));
    world.configure((config) => Object.assign(config['base'] ?? {}, { source_dir: `s3://${BUCKET}/code` }));
    world.aws.setFaults([{ operation: 'ListObjectsV2', call: 'every', fault: 'access-denied' }]);
    const run = await plan();
    expect([run.exitCode, run.outputs['fingerprint'], run.outputs['pipeline-change']]).toEqual([
      0,
      undefined,
      undefined,
    ]);
    const file = planOf(run);
    expect(file).toMatchObject({ change: null, fingerprint: null, diff: [], registrations: [{ state: 'unknown' }] });
    expect(file['problems']).toEqual([
      'The deployed pipeline could not be compared: the inference code, the packager could not be read.',
      'What is registered is not known: the inference code, the packager could not be inspected.',
    ]);
  });

  test('tells in its comment that it is red, also where nothing could be planned', async () => {
    const gitHub = await startGitHub();
    try {
      const env = gitHub.environment({ pull_request: { number: 7 } });
      await plan({ comment: 'true' }, env);
      const run = await plan({ comment: 'true', parameters: 'InferenceInstanceType=ml.inf2.xlarge' }, env);
      expect([run.exitCode, gitHub.comments.length]).toEqual([1, 1]);
      expect(gitHub.comments[0]?.body).toContain('## ❌ Plan: a deployment would fail (bsm-team-BSM-RnR-NA)');
      expect(gitHub.comments[0]?.body).toContain('AWS publishes no PyTorch inference image for ml.inf2.xlarge');
    } finally {
      await gitHub.close();
    }
  });

  test('writes its comment through a proxy', async () => {
    const gitHub = await startGitHub();
    const asked: string[] = [];
    const proxy = createServer().on('connect', ({ url }: IncomingMessage, socket: Duplex) => {
      asked.push(url ?? '');
      const tunnel = connect(Number(new URL(gitHub.url).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        tunnel.pipe(socket).pipe(tunnel);
      });
      for (const end of [tunnel, socket]) end.on('error', () => [tunnel, socket].forEach((each) => each.destroy()));
    });
    try {
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      const { port } = proxy.address() as AddressInfo;
      const env = {
        ...gitHub.environment({ pull_request: { number: 7 } }),
        // An address of documentation, RFC 5737: only the proxy finds a way to it.
        GITHUB_API_URL: 'http://192.0.2.10:81',
        http_proxy: `http://127.0.0.1:${port}`,
      };
      const run = await plan({ comment: 'true' }, env);
      expect([run.exitCode, gitHub.comments.length, new Set(asked)]).toEqual([0, 1, new Set(['192.0.2.10:81'])]);
    } finally {
      proxy.close().closeAllConnections();
      await gitHub.close();
    }
  });

  test('keeps one comment on the pull request, and is not red where it cannot', async () => {
    const gitHub = await startGitHub();
    try {
      const env = gitHub.environment({ pull_request: { number: 7 } });
      const first = await plan({ comment: 'true' }, env);
      world.configure((config) => Object.assign(config['package'] ?? {}, { processing_volume_size: 40 }));
      await plan({ comment: 'true' }, env);
      expect([first.exitCode, gitHub.comments.length]).toEqual([0, 1]);
      expect(gitHub.comments[0]?.body).toContain('1 x ml.m5.2xlarge, 40 GB disk');
      world.configure((config) => Object.assign(config['package'] ?? {}, { processing_volume_size: 50 }));
      const readOnly = await plan({ comment: 'true', 'github-token': 'ghs_readonly' }, env);
      const warnings = runnerCommands(readOnly.stdout).filter(({ command }) => command === 'warning');
      expect([readOnly.exitCode, warnings.map(({ properties }) => properties['title'])]).toEqual([0, ['Comment']]);
      expect(readOnly.stdout).not.toContain('ghs_readonly');
    } finally {
      await gitHub.close();
    }
  });
});

describe('preflight of a deployment', () => {
  const READS = /^(Get|Head|List|Describe)/;

  test('tells everything that is wrong at once, before anything is created', async () => {
    world.configure((config) => Object.assign(config['base'] ?? {}, { bucket: 'bsm-no-such-bucket' }));
    const run = await world.deploy({
      'pipeline-role-arn': 'arn:aws:iam::999999999999:role/bsm-pipeline',
      parameters: 'InferenceInstanceType=ml.t3.medium',
      'model-s3-path': 's3://bsm-models-123456789012/releases/9.9.9/model.tar.gz',
    });
    expect([run.exitCode, run.outputs['status']]).toEqual([1, 'failed']);
    expect(errors(run).map(({ data }) => data.slice(0, 60))).toEqual([
      expect.stringMatching(/^arn:aws:iam::999999999999:role\/bsm-pipeline is a role of/),
      expect.stringMatching(/^The bucket bsm-no-such-bucket/),
      expect.stringMatching(/^There is no object s3:/),
      expect.stringMatching(/^ml.t3.medium \(input parameters/),
    ]);
    expect(world.operations().filter((name) => !READS.test(name))).toEqual([]);
  });

  test('refuses a model that is no gzip tar', async () => {
    await world.aws.store.putFile('bsm-models-123456789012', 'zip/model.tar.gz', join(world.workspace, 'config.json'));
    const run = await world.deploy({ 'model-s3-path': 's3://bsm-models-123456789012/zip/model.tar.gz' });
    expect([run.exitCode, errors(run)[0]?.properties['title']]).toEqual([1, 'preflight-failed']);
    expect(errors(run)[0]?.data).toMatch(/begins with 7b 0a 20 .*; expected a gzip tar archive \(1f 8b\)\./);
    expect(world.operations().filter((name) => !READS.test(name))).toEqual([]);
  });

  test('is not failed by what permissions do not allow', async () => {
    world.aws.setFaults([{ operation: 'HeadBucket', call: 'every', fault: 'access-denied' }]);
    const run = await world.deploy();
    expect([run.exitCode, run.outputs['status']]).toEqual([0, 'succeeded']);
    expect(run.stdout).toMatch(/not made +buckets/);
  });

  test('looks at a model whose content may not be read without it', async () => {
    world.aws.setFaults([{ operation: 'GetObject', call: 1, fault: 'access-denied' }]);
    const run = await plan();
    expect([run.exitCode, results(planOf(run), 'not-made')]).toEqual([0, ['model-archive', 'model-code']]);
    expect(planOf(run)['fingerprint']).toBe(run.outputs['fingerprint']);
  });

  test('warns of a region whose bucket is not there, and registers in the others', async () => {
    world.configure((config) => Object.assign(config['base'] ?? {}, { regional_buckets: { EU: 'models-of-europe' } }));
    const run = await plan({ regions: 'NA EU' });
    const file = planOf(run);
    expect([run.exitCode, results(file, 'warning')]).toEqual([0, ['regional-buckets']]);
    expect(run.stdout).toContain('The bucket models-of-europe (base.regional_buckets, EU) does not exist.');
  });
});
