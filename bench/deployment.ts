import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/**
 * What a deployment costs on the runner, against the embedded AWS in a process of its own: medians of several runs of
 * the committed bundle, each beside its aim. `BSM_NODE24` names the node to measure with.
 */
const ROOT = join(import.meta.dirname, '..', '..');
const RUNS = 7;
const BUCKET = 'bsm-models-123456789012';
const MODEL_KEY = 'releases/1.3.0/model.tar.gz';
const NODE = process.env['BSM_NODE24'] || process.execPath;

interface Request {
  readonly operation: string;
  readonly startedAtMs: number;
}

interface Measure {
  readonly firstRequestMs: number;
  readonly startMs: number | undefined;
  readonly requestsToStart: number;
  readonly requests: number;
  readonly wallMs: number;
  readonly peakKb: number;
}

function startEmbeddedAws(): Promise<{ child: ChildProcess; url: string }> {
  const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout.trim();
  const script = join(ROOT, 'dist', 'embedded-aws', 'index.js');
  const args = ['--no-warnings', script, '--stdin', '--bucket', BUCKET, '--python', python];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).once('line', (line) => {
      resolve({ child, url: (JSON.parse(line) as { url: string }).url });
    });
  });
}

async function requestsOf(url: string): Promise<readonly Request[]> {
  return (await (await fetch(`${url}/_embedded/requests`)).json()) as readonly Request[];
}

function environment(url: string, folder: string): Record<string, string> {
  const files = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'].map(
    (name) => [name, join(folder, name)] as const,
  );
  for (const [, path] of files) writeFileSync(path, '');
  return {
    ...Object.fromEntries(files),
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    RUNNER_TEMP: folder,
    GITHUB_WORKSPACE: join(ROOT, 'examples', 'bsm'),
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'AKIABENCH',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    'INPUT_CONFIG-PATH': join(folder, 'config.json'),
    'INPUT_MODEL-S3-PATH': `s3://${BUCKET}/${MODEL_KEY}`,
  };
}

/** A name of its own makes every run a first deployment. */
function writeConfig(folder: string, name: string): void {
  const path = join(ROOT, 'examples', 'bsm', 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as { base: Record<string, string> };
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ ...config, base: { ...config.base, pipeline_name: name } }),
  );
}

// /proc/<pid>/status has the peak of the process; it is gone with the process, so it is read while it runs.
function peakOf(child: ChildProcess): { stop(): number } {
  let peakKb = 0;
  const read = () => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // The process has ended, or this is no Linux.
    }
  };
  const timer = setInterval(read, 10);
  return {
    stop() {
      clearInterval(timer);
      return peakKb;
    },
  };
}

async function measure(url: string, folder: string): Promise<Measure> {
  const before = (await requestsOf(url)).length;
  const startedAtMs = Date.now();
  const child = spawn(NODE, ['--no-warnings', join(ROOT, 'dist', 'index.js')], {
    env: environment(url, folder),
    stdio: 'ignore',
  });
  const peak = peakOf(child);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const wallMs = Date.now() - startedAtMs;
  if (code !== 0) throw new Error(`The deployment ended with ${code}`);
  const requests = (await requestsOf(url)).slice(before);
  const start = requests.findIndex(({ operation }) => operation === 'StartPipelineExecution');
  return {
    firstRequestMs: (requests[0]?.startedAtMs ?? 0) - startedAtMs,
    startMs: start < 0 ? undefined : (requests[start]?.startedAtMs ?? 0) - startedAtMs,
    requestsToStart: start + 1,
    requests: requests.length,
    wallMs,
    peakKb: peak.stop(),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The action alone: no licences, no embedded AWS. */
function bundleBytes(): number {
  const dist = join(ROOT, 'dist');
  const own = readdirSync(dist).filter((name) => /\.c?js$/.test(name));
  return own.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);
}

function print(rows: readonly (readonly [what: string, value: string, aim: string])[]): void {
  for (const [what, value, aim] of rows) console.log(`${what.padEnd(46)} ${value.padStart(12)}   ${aim}`);
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
mkdirSync(folder, { recursive: true });
const { child: server, url } = await startEmbeddedAws();
try {
  const credentials = { accessKeyId: 'AKIABENCH', secretAccessKey: 'bench' };
  const s3 = new S3Client({ region: 'us-east-1', endpoint: url, credentials });
  const model = readFileSync(join(ROOT, 'examples', 'bsm', 'model.tar.gz'));
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: MODEL_KEY, Body: model }));
  const first: Measure[] = [];
  const again: Measure[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    writeConfig(folder, `bench-${run}`);
    const measures = [await measure(url, folder), await measure(url, folder)] as const;
    // The first pair warms the disk cache.
    if (run === 0) continue;
    first.push(measures[0]);
    again.push(measures[1]);
  }
  const of = (list: readonly Measure[], key: (measure: Measure) => number) => median(list.map(key));
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const version = spawnSync(NODE, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`Medians of ${RUNS} deployments on Node ${version}\n`);
  print([
    ['first AWS request after process start', seconds(of(first, (m) => m.firstRequestMs)), 'aim 0.35 s'],
    ['StartPipelineExecution after process start', seconds(of(first, (m) => m.startMs ?? Number.NaN)), 'aim 1 s'],
    ['AWS requests up to the start', String(of(first, (m) => m.requestsToStart)), 'aim 25'],
    ['AWS requests of the whole deployment', String(of(first, (m) => m.requests)), ''],
    ['whole first deployment', seconds(of(first, (m) => m.wallMs)), ''],
    ['AWS requests of a reused deployment', String(of(again, (m) => m.requests)), ''],
    ['whole reused deployment', seconds(of(again, (m) => m.wallMs)), 'aim 1 s'],
    ['peak memory', `${Math.round(of(first, (m) => m.peakKb) / 1000)} MB`, 'aim 130 MB'],
    ['bundle of the action', `${(bundleBytes() / 1e6).toFixed(2)} MB`, 'aim 1.6 MB'],
  ]);
} finally {
  server.stdin?.end();
  rmSync(folder, { recursive: true, force: true });
}
