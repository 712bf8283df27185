import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { type EmbeddedAws, startEmbeddedAws } from '../../embedded-aws/server.ts';
import { type InProcessRun, runInProcess } from '../harness/in-process.ts';
import { ROOT } from '../harness/run-action.ts';

/** Inputs made after public reports: what people really have. */
export const DATA = join(ROOT, '__tests__', 'field', 'data');
export const BUCKET = 'field-models-123456789012';
export const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';

export let aws: EmbeddedAws;
beforeAll(async () => {
  aws = await startEmbeddedAws({});
  await aws.store.createBucket(BUCKET, 'us-east-1');
});
afterAll(() => aws.close());

interface Planned extends InProcessRun {
  readonly checks: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** Plans one of the folders; `change` may alter its copy first. */
export async function plan(
  name: string,
  inputs: Readonly<Record<string, string>> = {},
  change: (workspace: string) => void = () => undefined,
): Promise<Planned> {
  const workspace = mkdtempSync(join(tmpdir(), 'field-'));
  cpSync(join(DATA, name), workspace, { recursive: true });
  change(workspace);
  await aws.store.putFile(BUCKET, `${name}/model.tar.gz`, join(workspace, 'model.tar.gz'));
  const given = { 'config-path': 'config.json', 'model-s3-path': `s3://${BUCKET}/${name}/model.tar.gz`, mode: 'plan' };
  let checks: readonly Readonly<Record<string, string>>[] = [];
  const onFile = (file: string, text: string): void => {
    if (file.endsWith('plan.json')) checks = (JSON.parse(text) as { preflight: typeof checks }).preflight;
  };
  const run = await runInProcess({ workspace, url: aws.url, inputs: { ...given, ...inputs }, onFile });
  rmSync(workspace, { recursive: true });
  return { ...run, checks: new Map(checks.map((check) => [check['name'] ?? '', check])) };
}
