import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedAws, type EmbeddedAws } from '../../embedded-aws/server.ts';
import { ROOT, runAction, type ActionOptions, type ActionRun } from '../harness/run-action.ts';

export const BUCKET = 'bsm-models-123456789012';
export const MODEL_URI = `s3://${BUCKET}/releases/1.3.0/model.tar.gz`;

/** A workspace with the example, an embedded AWS with its model in S3, and the action to run against both. */
export interface World {
  readonly aws: EmbeddedAws;
  readonly workspace: string;
  deploy(inputs?: Readonly<Record<string, string>>, more?: Partial<ActionOptions>): Promise<ActionRun>;
  /** Changes the example's configuration; `change` gets the parsed JSON. */
  configure(change: (config: Record<string, Record<string, unknown>>) => void): void;
  /** Answers in another form than the standard one. */
  answers(forms: Readonly<Record<string, string>>): Promise<void>;
  /** The operations that were requested since the last call, in order. */
  operations(): readonly string[];
  close(): Promise<void>;
}

/** The interpreter itself, not a shim: what the jobs of the embedded AWS run with. */
export function testPython(): string {
  const command = process.env['BSM_TEST_PYTHON'] ?? 'python3';
  const found = spawnSync(command, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : 'python3';
}

export async function openWorld(): Promise<World> {
  const workspace = mkdtempSync(join(tmpdir(), 'workspace-'));
  cpSync(join(ROOT, 'examples', 'bsm', 'scripts'), join(workspace, 'scripts'), { recursive: true });
  const configPath = join(workspace, 'config.json');
  cpSync(join(ROOT, 'examples', 'bsm', 'config.json'), configPath);
  const aws = await startEmbeddedAws({ python: testPython() });
  await aws.store.createBucket(BUCKET, 'us-east-1');
  await aws.store.putFile(BUCKET, 'releases/1.3.0/model.tar.gz', join(ROOT, 'examples', 'bsm', 'model.tar.gz'));
  let seen = 0;
  return {
    aws,
    workspace,
    deploy: (inputs = {}, more = {}) =>
      runAction({
        workspace,
        ...more,
        inputs: { 'config-path': 'config.json', 'model-s3-path': MODEL_URI, ...inputs },
        env: { ...credentials(aws.url), ...more.env },
      }),
    configure(change) {
      const config = JSON.parse(readFileSync(configPath, 'utf8')) as Record<string, Record<string, unknown>>;
      change(config);
      writeFileSync(configPath, JSON.stringify(config, undefined, 2));
    },
    async answers(forms) {
      await fetch(`${aws.url}/_embedded/answers`, { method: 'PUT', body: JSON.stringify(forms) });
    },
    operations() {
      const all = aws.requests().map(({ operation }) => operation);
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh;
    },
    async close() {
      await aws.close();
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}

export function credentials(url: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'AKIAEMBEDDED',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
  };
}
