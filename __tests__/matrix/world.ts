import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { CreateModelPackageGroupCommand, CreatePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { startEmbeddedAws, type EmbeddedAws } from '../../embedded-aws/server.ts';
import { ROOT, runAction, type ActionOptions, type ActionRun } from '../harness/run-action.ts';

/** One deployment's surroundings: an embedded AWS of its own with a model, and a workspace with a configuration. */
export interface World {
  readonly aws: EmbeddedAws;
  readonly workspace: string;
  /** Runs the action as the runner does; inputs and environment are added to those of a plain deployment. */
  deploy(options?: Partial<ActionOptions>): Promise<ActionRun>;
  /** Moves the clock of AWS: what lies there gets older by as much. */
  pass(ms: number): void;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly regions?: string;
  /** Given to every deployment; with tags the pipeline is there already, with another definition and without them. */
  readonly tags?: string;
  /** Body of the packager's `main`; by default it hands the archive on. */
  readonly packager?: string;
  /** The server's time; the system's by default. */
  readonly nowMs?: () => number;
  readonly config?: Readonly<Record<string, unknown>>;
}

export const PIPELINE = 'team-BSM-RnR-NA';
const ROLE = 'arn:aws:iam::123456789012:role/pipeline';
export const BUCKET = 'bsm-models';
export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };

/** What the packager does instead of the real one: quick, and enough for every step around it. */
const HAND_ON = `
root = os.environ.get('BSM_CONTAINER_ROOT', '') + '/opt/ml/processing/'
time.sleep(0.2)
shutil.copy(root + 'input/model/' + os.environ['MODEL_ARCHIVE_NAME'], root + 'output/model.tar.gz')
with open(root + 'output/package.json', 'w') as report:
    json.dump({'sha256': 'ab' * 32}, report)
`;

/** The smallest model that preflight lets through. */
async function archive(): Promise<Buffer> {
  const body = new Uint8Array(Buffer.alloc(1024, 'm'));
  return gzipSync(await packTar([{ header: { name: 'model.pth', size: body.length }, body }]));
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const workspace = mkdtempSync(join(tmpdir(), 'matrix-'));
  let passedMs = 0;
  const now = options.nowMs ?? Date.now;
  const aws = await startEmbeddedAws({
    retryTimeScale: 200,
    python: process.env['BSM_TEST_PYTHON'] ?? 'python3',
    clock: { nowMs: () => now() + passedMs },
  });
  await aws.store.createBucket(BUCKET, 'us-east-1', { versioned: true });
  await aws.store.createBucket('bsm-models-eu', 'eu-west-1');
  await aws.store.putBytes(BUCKET, 'releases/1.3.0/model.tar.gz', await archive());
  writeWorkspace(workspace, options);
  if (options.tags !== undefined) await createOldPipeline(aws.url);
  return {
    aws,
    workspace,
    deploy: (more = {}) =>
      runAction({
        ...more,
        workspace,
        entry: process.env['BSM_ACTION_ENTRY'] || join(ROOT, 'lib', 'src', 'index.js'),
        inputs: {
          'config-path': 'config.json',
          'model-s3-path': `s3://${BUCKET}/releases/1.3.0/model.tar.gz`,
          regions: options.regions ?? 'NA',
          tags: options.tags ?? '',
          ...more.inputs,
        },
        env: {
          AWS_ENDPOINT_URL: aws.url,
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
          AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
          ...more.env,
        },
      }),
    pass: (ms) => void (passedMs += ms),
    async close() {
      await aws.close();
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}

async function createOldPipeline(endpoint: string): Promise<void> {
  const client = new SageMakerClient({ endpoint, region: 'us-east-1', credentials: CREDENTIALS });
  const container = {
    Image: '763104351884.dkr.ecr.us-east-1.amazonaws.com/old:1',
    ModelDataUrl: `s3://${BUCKET}/old.tar.gz`,
  };
  const old = { Name: 'Old', Type: 'Model', Arguments: { PrimaryContainer: container, ExecutionRoleArn: ROLE } };
  try {
    await client.send(
      new CreatePipelineCommand({
        PipelineName: PIPELINE,
        ClientRequestToken: 'x'.repeat(32),
        RoleArn: ROLE,
        PipelineDefinition: JSON.stringify({ Version: '2020-12-01', Metadata: {}, Parameters: [], Steps: [old] }),
      }),
    );
    await client.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: PIPELINE }));
  } finally {
    client.destroy();
  }
}

function writeWorkspace(workspace: string, options: WorldOptions): void {
  const config = {
    base: {
      bucket: BUCKET,
      author: 'team',
      role: ROLE,
      source_dir: 'code',
      regional_buckets: { EU: 'bsm-models-eu' },
    },
    registration: {
      model_owner: 'owner@example.com',
      model_registration_objective: 'RnR_Abuse_Detection',
      source_model_inference_input_variable_list: { amount: 'NUMERIC' },
    },
    ...options.config,
  };
  mkdirSync(join(workspace, 'code'));
  writeFileSync(join(workspace, 'config.json'), JSON.stringify(config));
  writeFileSync(join(workspace, 'code', 'inference.py'), 'def model_fn(folder):\n    return None\n');
  const imports = 'import json, os, shutil, sys, time\n';
  writeFileSync(join(workspace, 'code', 'mims_package.py'), `${imports}${options.packager ?? HAND_ON}`);
}
