/** A model package behind a port: the process of a model server, and how it is waited for and ended. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../contracts.ts';
import { runProcess } from '../jobs/process.ts';
import { number, objects, text } from '../json.ts';
import type { Payload } from './load.ts';

export type Serving = {
  readonly python: string;
  /** A folder of its own, for all that the server writes. */
  readonly folder: string;
  readonly modelPath: string;
  readonly payloadPath: string;
  readonly contentType: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workers: number;
  readonly startMs: number;
  readonly graceMs: number;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
  readonly groups: Set<number>;
};

export type Served = { readonly port: number; readonly payloads: readonly Payload[] };

/** The model server has ended, or did not answer pings in time. */
export class NotServed extends Error {}

/**
 * Starts the model server, hands over where it listens, and ends it with everything it started when the use is over.
 * @throws NotServed where it never answered
 */
export async function whileServed<Result>(serving: Serving, use: (served: Served) => Promise<Result>): Promise<Result> {
  const ending = new AbortController();
  const signal = AbortSignal.any([serving.signal, ending.signal]);
  const ended = runProcess(commandOf(serving), {
    cwd: serving.folder,
    onLine: serving.onLine,
    signal,
    graceMs: serving.graceMs,
    timeoutMs: Number.POSITIVE_INFINITY,
    groups: serving.groups,
  });
  try {
    return await use(await readiness(serving, ended));
  } finally {
    ending.abort();
    await ended;
  }
}

/** Nothing of this process but PATH, as for a processing job; what the package sets goes to its server alone. */
function commandOf(serving: Serving) {
  const { folder, python } = serving;
  const flags = {
    container: folderOf('container', 'package_server.py'),
    model: serving.modelPath,
    payloads: serving.payloadPath,
    folder,
    'content-type': serving.contentType,
    workers: String(serving.workers),
    'start-seconds': String(serving.startMs / 1000),
  };
  const served = Object.entries(serving.environment).map(([name, value]): [string, string] => [
    `SERVING_${name}`,
    value,
  ]);
  const script = join(folderOf('embedded-aws/sagemaker/recommender', 'serve_package.py'), 'serve_package.py');
  return {
    command: python,
    args: [script, ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])],
    env: {
      PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      HOME: folder,
      LANG: 'C.UTF-8',
      TMPDIR: folder,
      PYTHONUNBUFFERED: '1',
      // The machine's own /opt/ml and its Python's packages are left alone.
      BSM_CONTAINER_ROOT: folder,
      ...Object.fromEntries<string>(served),
    },
  };
}

/** A folder of the project, from a bundle below dist/ as from what tsc wrote below lib/. */
function folderOf(path: string, file: string): string {
  const above = ['../..', '../../../..'].map((up) => join(import.meta.dirname, up, path));
  const found = above.find((folder) => existsSync(join(folder, file)));
  if (found === undefined) throw new Error(`${file} is not in ${above.join(', nor in ')}.`);
  return found;
}

async function readiness(serving: Serving, ended: Promise<unknown>): Promise<Served> {
  let over = false;
  ended.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  const endMs = performance.now() + serving.startMs;
  while (!over && performance.now() < endMs && !serving.signal.aborted) {
    const ready = await readFile(join(serving.folder, 'ready.json'), 'utf8').catch(() => undefined);
    if (ready !== undefined) return servedFrom(JSON.parse(ready) as JsonObject);
    await sleep(20, undefined, { signal: serving.signal }).catch(() => undefined);
  }
  throw new NotServed(over ? 'The model server ended before it answered.' : 'The model server did not answer in time.');
}

function servedFrom(ready: JsonObject): Served {
  const payloads = objects(ready, 'payloads').map((payload) => ({
    path: text(payload, 'path') ?? '',
    contentType: text(payload, 'content_type') ?? '',
  }));
  return { port: number(ready, 'port') ?? 0, payloads };
}
