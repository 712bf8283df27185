import { createHash, randomBytes } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { packTar } from 'modern-tar';
import { BUCKET, openWorld, type World } from '../e2e/world.ts';
import { ROOT } from '../harness/run-action.ts';
import { runCommand } from './support.ts';

const KEY = 'releases/2.0.0/model.tar.gz';
const DEPLOY = ['deploy', '--config-path', 'config.json', '--model-s3-path', `s3://${BUCKET}/${KEY}`];

let world: World;
beforeEach(async () => {
  world = await openWorld();
  cpSync(join(ROOT, 'examples', 'bsm', 'model.tar.gz'), join(world.workspace, 'model.tar.gz'));
});
afterEach(() => world.close());

const stored = () => world.aws.store.head(BUCKET, KEY);
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('--upload', () => {
  test('puts the model where it is looked for, once', async () => {
    const first = await runCommand(world, [...DEPLOY, '--upload', 'model.tar.gz']);
    expect([first.code, first.stdout]).toEqual([0, expect.stringMatching(/^Upload +s3:.* \(uploaded, 95\.9 KB\)$/m)]);
    expect(digest(stored()?.bodyPath ?? '')).toBe(digest(join(world.workspace, 'model.tar.gz')));
    const before = stored()?.etag;
    const second = await runCommand(world, [...DEPLOY, '--upload', 'model.tar.gz']);
    expect([second.code, second.stdout]).toEqual([0, expect.stringMatching(/^Upload +s3:.* \(is there already\)$/m)]);
    expect([stored()?.etag, second.stdout]).toEqual([before, expect.stringMatching(/^ {2}status +reused$/m)]);
  });

  test('sends a large one in parts, also where some of them break off', async () => {
    const body = new Uint8Array(randomBytes(40_000_000));
    const tar = await packTar([{ header: { name: 'model.pth', size: body.length }, body }]);
    writeFileSync(join(world.workspace, 'model.tar.gz'), gzipSync(tar, { level: 1 }));
    world.aws.setFaults([
      { operation: 'UploadPart', call: 1, fault: 'connection-reset' },
      { operation: 'UploadPart', call: 3, fault: 'server-error' },
    ]);
    const run = await runCommand(world, [...DEPLOY, '--upload', 'model.tar.gz']);
    expect(run.stdout).toMatch(/^Upload +s3:.* \(uploaded, 40\.0 MB\)$/m);
    expect(world.operations()).toContain('CompleteMultipartUpload');
    expect(digest(stored()?.bodyPath ?? '')).toBe(digest(join(world.workspace, 'model.tar.gz')));
  });

  test('is only shown by a plan', async () => {
    const run = await runCommand(world, ['plan', ...DEPLOY.slice(1), '--upload', 'model.tar.gz']);
    expect([run.code, run.stdout]).toEqual([0, expect.stringMatching(/95\.9 KB; to be uploaded to s3:/)]);
    expect(stored()).toBeUndefined();
  });

  test('takes the key from the content with --model-upload-path', async () => {
    const prefix = `s3://${BUCKET}/uploaded`;
    const files = ['--config-path', 'config.json', '--model-s3-path', 'model.tar.gz', '--model-upload-path', prefix];
    const run = await runCommand(world, ['deploy', ...files, '--no-wait']);
    const key = `uploaded/${digest(join(world.workspace, 'model.tar.gz'))}/model.tar.gz`;
    expect([run.code, run.stdout]).toEqual([
      0,
      expect.stringContaining(`Upload       s3://${BUCKET}/${key} (uploaded`),
    ]);
  });

  test('never overwrites another model', async () => {
    await world.aws.store.putBytes(BUCKET, KEY, Buffer.from('somebody else was here'));
    const run = await runCommand(world, [...DEPLOY, '--upload', 'model.tar.gz']);
    expect([run.code, run.stderr]).toEqual([1, expect.stringContaining('There is another object at s3://')]);
    expect(readFileSync(stored()?.bodyPath ?? '', 'utf8')).toBe('somebody else was here');
  });

  test.each([
    [['deploy', '--upload', 'nothing.tar.gz'], 1, /nothing\.tar\.gz does not exist \(--upload\)/],
    [['deploy', '--upload', 'scripts'], 1, /scripts is no file \(--upload\)/],
    [['rehearse', '--upload', 'model.tar.gz'], 2, /unknown option '--upload'/],
  ] as const)('says what is wrong with %j', async ([command, ...flags], code, message) => {
    const run = await runCommand(world, [command, ...DEPLOY.slice(1), ...flags]);
    expect([run.code, run.stderr]).toEqual([code, expect.stringMatching(message)]);
    expect(stored()).toBeUndefined();
  });
});
