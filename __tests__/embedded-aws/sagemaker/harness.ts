/** A SageMaker of its own for a test, over a small object store in a temp folder. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type {
  JsonObject,
  LogSink,
  ObjectStore,
  RequestContext,
  StateFile,
  StoredObject,
} from '../../../embedded-aws/contracts.ts';
import { createSageMaker, type SageMaker, type SageMakerDependencies } from '../../../embedded-aws/sagemaker/index.ts';

export const context: RequestContext = { region: 'us-east-1', accountId: '123456789012', accessKeyId: 'AKIATEST' };
export const role = 'arn:aws:iam::123456789012:role/SageMakerRole';
export const image = '763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.1.0-cpu-py310';

/** The interpreter itself: `python3` on the PATH may be a shim, which is slow and adds to the environment. */
const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

export type Bench = {
  readonly sagemaker: SageMaker;
  readonly store: ObjectStore;
  readonly folder: string;
  /** Log lines in the order they came, with their stream. */
  readonly lines: { group: string; stream: string; message: string }[];
  call(operation: string, input: JsonObject, of?: Partial<RequestContext>): Promise<JsonObject>;
  put(uri: string, text: string): Promise<void>;
  get(uri: string): Promise<string | undefined>;
  close(): Promise<void>;
};

export type BenchOptions = Partial<SageMakerDependencies> & { readonly store?: ObjectStore };

export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'sagemaker-test-'));
  const store = options.store ?? folderStore(folder);
  const lines: Bench['lines'] = [];
  const logs: LogSink = {
    append: (...[, group, stream, events]) => lines.push(...events.map(({ message }) => ({ group, stream, message }))),
  };
  const sagemaker = createSageMaker({
    logs,
    state: memoryState(),
    clock: { nowMs: Date.now },
    accountId: context.accountId,
    workFolder: join(folder, 'jobs'),
    python,
    killGraceMs: 300,
    retryTimeScale: 1000,
    ...options,
    store,
  });
  await store.createBucket('models', 'us-east-1');
  return {
    sagemaker,
    store,
    folder,
    lines,
    call: (operation, input, of) => sagemaker.handle(operation, input, { ...context, ...of }),
    async put(uri, text) {
      const [bucket, key] = split(uri);
      await store.putBytes(bucket, key, Buffer.from(text));
    },
    async get(uri) {
      const found = store.head(...split(uri));
      return found === undefined ? undefined : await readFile(found.bodyPath, 'utf8');
    },
    async close() {
      await sagemaker.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function split(uri: string): [bucket: string, key: string] {
  const [bucket = '', ...key] = uri.replace('s3://', '').split('/');
  return [bucket, key.join('/')];
}

export function memoryState(): StateFile {
  const kept = new Map<string, string>();
  return {
    load: (name) => (kept.has(name) ? (JSON.parse(kept.get(name) ?? '') as JsonObject) : undefined),
    save: (name, value) => void kept.set(name, JSON.stringify(value)),
  };
}

export function folderStore(folder: string): ObjectStore {
  const regions = new Map<string, string>();
  const objects = new Map<string, StoredObject>();
  let count = 0;
  const putBytes: ObjectStore['putBytes'] = async (bucket, key, bytes) => {
    const bodyPath = join(folder, `body-${count++}`);
    await writeFile(bodyPath, bytes);
    const etag = createHash('md5').update(bytes).digest('hex');
    const stored = { bucket, key, bodyPath, sizeBytes: bytes.length, etag, lastModifiedMs: Date.now(), metadata: {} };
    objects.set(`${bucket}/${key}`, stored);
    return stored;
  };
  return {
    bucketRegion: (bucket) => regions.get(bucket),
    createBucket: async (bucket, region) => void regions.set(bucket, region),
    head: (bucket, key) => objects.get(`${bucket}/${key}`),
    list: (bucket, prefix) =>
      [...objects.values()]
        .filter((item) => item.bucket === bucket && item.key.startsWith(prefix))
        .sort((a, b) => (a.key < b.key ? -1 : 1)),
    putBytes,
    putFile: async (bucket, key, path) => await putBytes(bucket, key, await readFile(path)),
  };
}

/** The error of a call as `code: message`, or its answer where it succeeds. */
export async function refusal(answer: Promise<JsonObject>): Promise<string | JsonObject> {
  return await answer.catch((error: Error) => `${error.name}: ${error.message}`);
}

export async function finish(bench: Bench, arn: unknown): Promise<JsonObject> {
  for (;;) {
    const execution = await bench.call('DescribePipelineExecution', { PipelineExecutionArn: String(arn) });
    const status = execution['PipelineExecutionStatus'];
    if (status !== 'Executing' && status !== 'Stopping') return execution;
    await sleep(10);
  }
}

/** The steps of an execution in the order they started. */
export async function stepsOf(bench: Bench, arn: unknown): Promise<JsonObject[]> {
  const input = { PipelineExecutionArn: String(arn), SortOrder: 'Ascending', MaxResults: 100 };
  const answer = await bench.call('ListPipelineExecutionSteps', input);
  return answer['PipelineExecutionSteps'] as JsonObject[];
}

/** The definitions that AWS's own SDK wrote lie beside the sources of the tests, which run from lib/. */
export async function savedDefinition(name: string): Promise<string> {
  const here = fileURLToPath(import.meta.url);
  const folder = join(here.slice(0, here.lastIndexOf('/lib/')), '__tests__/embedded-aws/sagemaker/definitions');
  return await readFile(join(folder, name), 'utf8');
}
