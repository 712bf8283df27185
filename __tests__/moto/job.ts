import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../../embedded-aws/contracts.ts';
import { object, objects, strings, text } from '../../embedded-aws/sagemaker/json.ts';
import { testPython } from '../e2e/world.ts';
import type { Moto } from './moto.ts';

export interface JobEnd {
  readonly exitCode: number;
  /** What the job left in `/opt/ml/output/message`. */
  readonly exitMessage: string | undefined;
  readonly lines: readonly string[];
}

/** Runs what a processing job would run, on this machine: inputs from moto's S3, outputs back to it. */
export async function runJob(input: JsonObject, { moto, url }: { moto: Moto; url: string }): Promise<JobEnd> {
  const root = mkdtempSync(join(tmpdir(), 'moto-job-'));
  const inside = (path: string) => (path.startsWith('/opt/ml') ? `${root}${path}` : path);
  try {
    mkdirSync(join(root, 'opt/ml/output'), { recursive: true });
    for (const { S3Input } of objects(input, 'ProcessingInputs')) {
      await download(S3Input as JsonObject, inside, moto);
    }
    const outputs = objects(object(input, 'ProcessingOutputConfig') ?? {}, 'Outputs').map(({ S3Output }) => ({
      folder: inside(text(S3Output as JsonObject, 'LocalPath') ?? ''),
      place: s3Path(text(S3Output as JsonObject, 'S3Uri') ?? ''),
    }));
    for (const { folder } of outputs) mkdirSync(folder, { recursive: true });
    const application = object(input, 'AppSpecification') ?? {};
    const [, ...script] = strings(application, 'ContainerEntrypoint');
    const args = [...script, ...strings(application, 'ContainerArguments')].map(inside);
    const { exitCode, printed } = await runPython(args, environment(input, { root, url, inside }));
    for (const { folder, place } of exitCode === 0 ? outputs : []) {
      for (const name of readdirSync(folder))
        await moto.s3('PUT', `${place}/${name}`, readFileSync(join(folder, name)));
    }
    return { exitCode, exitMessage: message(join(root, 'opt/ml/output/message')), lines: printed.trim().split('\n') };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

export function s3Path(uri: string): string {
  return uri.slice('s3://'.length).replace(/\/$/, '');
}

function message(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function download(source: JsonObject, inside: (path: string) => string, moto: Moto): Promise<void> {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(text(source, 'S3Uri') ?? '') ?? [];
  const listing = await moto.s3('GET', `${bucket}?list-type=2&prefix=${encodeURIComponent(prefix)}`);
  const keys = [...listing.toString().matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = '']) => key);
  if (keys.length === 0) throw new Error(`No S3 objects found under S3 URL "s3://${bucket}/${prefix}"`);
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  for (const key of keys) {
    const path = join(inside(text(source, 'LocalPath') ?? ''), key.slice(folder.length));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, await moto.s3('GET', `${bucket}/${key}`));
  }
}

interface Inside {
  readonly root: string;
  readonly url: string;
  readonly inside: (path: string) => string;
}

function environment(input: JsonObject, { root, url, inside }: Inside): Record<string, string> {
  const given = object(input, 'Environment') ?? {};
  const own: Record<string, string> = {};
  for (const name of Object.keys(given)) own[name] = inside(text(given, name) ?? '');
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    ...own,
    TMPDIR: root,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'ASIAMOTOJOB',
    AWS_SECRET_ACCESS_KEY: 'test',
    BSM_CONTAINER_ROOT: root,
  };
}

function runPython(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ exitCode: number; printed: string }> {
  const child = spawn(testPython(), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => (printed += piece));
  }
  return new Promise((settle, reject) => {
    child.once('error', reject);
    child.once('close', (code) => settle({ exitCode: code ?? 1, printed }));
  });
}
