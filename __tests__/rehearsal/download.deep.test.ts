import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createAws } from '../../src/aws/sdk/index.ts';
import { applyChanges } from '../../src/rehearsal/server.ts';
import { BUCKET, credentials, MODEL_URI, openWorld, type World } from '../e2e/world.ts';
import { runnerCommands } from '../harness/runner-commands.ts';

/** The caller's AWS is an embedded one, too: what is downloaded comes from there, and nothing else is asked of it. */
let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

describe('a rehearsal of a model in S3', () => {
  test('downloads it, and asks the account for nothing else', async () => {
    const run = await world.deploy({ mode: 'rehearse' });
    expect([run.exitCode, run.outputs['status']]).toEqual([0, 'succeeded']);
    expect([...new Set(world.operations())].sort()).toEqual(['GetObject']);
    expect(run.stdout).toContain(`Model        ${MODEL_URI} (95.9 KB`);
  });

  test('takes source folders from S3 with it', async () => {
    for (const name of ['features.py', 'inference.py', 'network.py']) {
      await world.aws.store.putFile(BUCKET, `sources/${name}`, join(world.workspace, 'scripts', name));
    }
    world.configure((config) => Object.assign(config['base'] ?? {}, { source_dir: `s3://${BUCKET}/sources/` }));
    const run = await world.deploy({ mode: 'rehearse' });
    expect([run.exitCode, run.outputs['status']]).toEqual([0, 'succeeded']);
    expect([...new Set(world.operations())].sort()).toEqual(['GetObject', 'ListObjectsV2']);
  });

  test.each([
    ['access-denied', 'access-denied'],
    ['expired-credentials', 'credentials-expired'],
  ] as const)('says why where that is not possible: %s', async (fault, code) => {
    world.aws.setFaults([{ operation: 'GetObject', call: 'every', fault }]);
    const run = await world.deploy({ mode: 'rehearse' });
    const [error] = runnerCommands(run.stdout).filter(({ command }) => command === 'error');
    expect([run.exitCode, error?.properties['title']]).toEqual([1, code]);
  });
});

describe('a download', () => {
  let folder: string;
  let undo: () => void;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'download-'));
    const before = applyChanges(process.env, credentials(world.aws.url));
    undo = () => applyChanges(process.env, before);
  });
  afterEach(() => {
    undo();
    rmSync(folder, { recursive: true });
  });

  const from = (key: string) => ({ bucket: BUCKET, key });

  test.each([0, 1, 16 * 1024 * 1024, 40_000_001])('has every one of %d bytes, whatever breaks off', async (size) => {
    const bytes = randomBytes(size);
    await world.aws.store.putBytes(BUCKET, 'large/model.tar.gz', bytes);
    world.aws.setFaults([
      { operation: 'GetObject', call: 1, fault: 'connection-reset' },
      { operation: 'GetObject', call: 2, fault: 'server-error' },
      { operation: 'GetObject', call: 4, fault: 'throttling' },
    ]);
    const told: number[] = [];
    const path = join(folder, 'model.tar.gz');
    const begin = (sizeBytes: number) => {
      told.push(-sizeBytes);
      return (done: number) => told.push(done);
    };
    expect(await createAws().objects.download(from('large/model.tar.gz'), path, begin)).toBe(size);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect([told.at(-1) ?? 0, told.toSorted((a, b) => a - b)]).toEqual([size, told]);
  });

  test('is of one object, or of none: what is overwritten meanwhile is an error', async () => {
    // Six ranges: the first alone, four whose answers are late, and one that is asked for when the object is another.
    await world.aws.store.putBytes(BUCKET, 'large/model.tar.gz', randomBytes(85_000_000));
    const late = [2, 3, 4, 5].map((call) => ({ operation: 'GetObject', call, fault: 'slow' as const, delayMs: 1500 }));
    world.aws.setFaults(late);
    const replaced: Promise<unknown>[] = [];
    const begin = () => {
      replaced.push(world.aws.store.putBytes(BUCKET, 'large/model.tar.gz', randomBytes(10)));
      return () => undefined;
    };
    const download = createAws().objects.download(from('large/model.tar.gz'), join(folder, 'model'), begin);
    await expect(download).rejects.toThrow(`s3://${BUCKET}/large/model.tar.gz changed while it was downloaded.`);
    await Promise.all(replaced);
  });

  test('of what is not there is told as that', async () => {
    const path = join(folder, 'model');
    expect(await createAws().objects.download(from('nothing'), path, () => () => undefined)).toBeUndefined();
  });
});
