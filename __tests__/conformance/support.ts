import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { conformance, type Ending } from '../../conformance/conformance.ts';
import { newRunName } from '../../conformance/names.ts';
import type { Need, Options } from '../../conformance/options.ts';
import { markOf } from '../../conformance/report.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../../embedded-aws/server.ts';
import { testPython } from '../e2e/world.ts';
import { remainsOf } from './remains.ts';

export const BUCKET = 'conformance-here';
export const BUCKET_EU = 'conformance-there';
export const CREDENTIALS = { accessKeyId: 'AKIAEMBEDDED', secretAccessKey: 'test' };
const ROLE = 'arn:aws:iam::123456789012:role/pipelines';
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';

export function optionsFor(more: { only?: readonly string[]; allowed?: readonly Need[] } = {}): Options {
  return {
    run: newRunName('test-run'),
    bucket: BUCKET,
    role: ROLE,
    keyPrefix: 'test/',
    regional: { region: 'eu-west-1', bucket: BUCKET_EU },
    kmsKey: KEY,
    sessionRole: ROLE,
    allowed: new Set(more.allowed ?? []),
    ...(more.only === undefined ? {} : { only: more.only }),
  };
}

export interface ConformanceAws extends EmbeddedAws {
  /** What is there: everything but what AWS has no call to remove. */
  remains(): string[];
}

/** An embedded AWS with two buckets for the tests of a file. */
export function embeddedAws(): () => ConformanceAws {
  let aws: ConformanceAws | undefined;
  let stateFolder = '';
  beforeAll(async () => {
    stateFolder = await mkdtemp(join(tmpdir(), 'conformance-aws-'));
    const started = await startEmbeddedAws({ python: testPython(), stateFolder });
    aws = { ...started, remains: () => remainsOf(started, { stateFolder, buckets: [BUCKET, BUCKET_EU] }) };
    await aws.store.createBucket(BUCKET, 'us-east-1');
    await aws.store.createBucket(BUCKET_EU, 'eu-west-1');
  });
  afterAll(async () => {
    await aws?.close();
    await rm(stateFolder, { recursive: true, force: true });
  });
  return () => {
    if (aws === undefined) throw new Error('The server is not running yet.');
    return aws;
  };
}

export function ask(url: string, options: Options): Promise<Ending> {
  return conformance(options, {
    connection: { endpoint: url, credentials: CREDENTIALS },
    signal: new AbortController().signal,
    pollMs: 20,
    say: () => undefined,
  });
}

/** By what became of them: `{ contradicted: [...], failed: [...] }`, without what holds and what was not asked. */
export function findings({ results }: Ending): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  for (const result of results) {
    const mark = markOf(result);
    if (mark === 'contradicted' || mark === 'failed') (found[mark] ??= []).push(result.probe.id);
  }
  return found;
}
