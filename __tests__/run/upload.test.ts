import { createHash, randomBytes } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { packTar } from 'modern-tar';
import { BUCKET, openWorld, type World } from '../e2e/world.ts';
import { type InProcessOptions, runInProcess } from '../harness/in-process.ts';
import { ROOT } from '../harness/run-action.ts';

const PREFIX = `s3://${BUCKET}/uploaded/`;

let world: World;
let archive: string;
beforeEach(async () => {
  world = await openWorld();
  archive = join(world.workspace, 'model.tar.gz');
  cpSync(join(ROOT, 'examples', 'bsm', 'model.tar.gz'), archive);
});
afterEach(() => world.close());

const run = (inputs: Readonly<Record<string, string>> = {}, more: Partial<InProcessOptions> = {}) =>
  runInProcess({
    workspace: world.workspace,
    url: world.aws.url,
    inputs: {
      'config-path': 'config.json',
      'model-s3-path': 'model.tar.gz',
      'model-upload-path': PREFIX,
      wait: 'false',
      ...inputs,
    },
    ...more,
  });

const digest = () => createHash('sha256').update(readFileSync(archive)).digest('hex');
const keyOf = (...parts: readonly string[]) => ['uploaded', ...parts, digest(), 'model.tar.gz'].join('/');
const stored = (key: string) => world.aws.store.head(BUCKET, key);
const writes = () =>
  world.operations().filter((name) => /^(?:Put|Create|Complete|Upload|Copy|Start|Update)/.test(name));

describe('a local model with model-upload-path', () => {
  test('is only shown by a plan: where it would go, and nothing is written', async () => {
    const planned = await run({ mode: 'plan' });
    expect([planned.status, planned.errors]).toEqual(['planned', []]);
    expect(planned.lines.join('\n')).toMatch(`model.tar.gz, 95.9 KB; to be uploaded to s3://${BUCKET}/${keyOf()}`);
    expect(writes()).toEqual([]);
  });

  test('is uploaded once, under the name of its content, and deployed from there', async () => {
    const kept: string[] = [];
    const first = await run({}, { onFile: (_name, text) => void kept.push(text) });
    expect([first.status, first.errors]).toEqual(['started', []]);
    expect(first.lines).toContainEqual(`Upload       s3://${BUCKET}/${keyOf()} (uploaded, 95.9 KB)`);
    expect(readFileSync(stored(keyOf())?.bodyPath ?? '')).toEqual(readFileSync(archive));
    expect(kept.at(-1)).toContain(`"ModelS3Path": "s3://${BUCKET}/${keyOf()}"`);
    const { etag } = stored(keyOf()) ?? {};
    const second = await run();
    expect(second.lines).toContainEqual(`Upload       s3://${BUCKET}/${keyOf()} (is there already)`);
    expect([stored(keyOf())?.etag, second.outputs['fingerprint']]).toEqual([etag, first.outputs['fingerprint']]);
    const planned = await run({ mode: 'plan' });
    expect(planned.outputs['fingerprint']).toBe(first.outputs['fingerprint']);
  });

  test('has the release tag in its key', async () => {
    await run({}, { releaseTag: 'models/v1.3.0' });
    expect(stored(keyOf('models-v1.3.0'))).toBeDefined();
  });

  test('is sent in parts where it is large, also where some of them break off', async () => {
    const body = new Uint8Array(randomBytes(40_000_000));
    writeFileSync(
      archive,
      gzipSync(await packTar([{ header: { name: 'model.pth', size: body.length }, body }]), { level: 1 }),
    );
    world.aws.setFaults([{ operation: 'UploadPart', call: 2, fault: 'connection-reset' }]);
    const { lines } = await run();
    expect(lines).toContainEqual(expect.stringMatching(/^Upload .* \(uploaded, 40\.0 MB\)$/));
    expect(world.operations()).toContain('CompleteMultipartUpload');
    expect(
      createHash('sha256')
        .update(readFileSync(stored(keyOf())?.bodyPath ?? ''))
        .digest('hex'),
    ).toBe(digest());
  });

  test.each(['plan', 'deploy'])('never takes the place of another object: %s', async (mode) => {
    await world.aws.store.putBytes(BUCKET, keyOf(), Buffer.from('somebody else was here'));
    const { errors, red } = await run({ mode });
    expect([red, errors[0]?.title, errors[0]?.message]).toEqual([
      true,
      'model-changed',
      expect.stringMatching(/^There is another object at s3:\S+ already, of 22 B; it is not overwritten\./),
    ]);
    expect(readFileSync(stored(keyOf())?.bodyPath ?? '', 'utf8')).toBe('somebody else was here');
  });

  test('of the same size as another object is refused by its content', async () => {
    await world.aws.store.putBytes(BUCKET, keyOf(), Buffer.alloc(readFileSync(archive).length));
    const { errors } = await run();
    expect(errors.map(({ title }) => title)).toEqual(['model-changed']);
  });

  test('that preflight refuses is not uploaded', async () => {
    writeFileSync(archive, 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n');
    const { errors, red } = await run();
    expect([red, errors[0]?.message]).toEqual([true, expect.stringMatching(/model\.tar\.gz is a Git LFS pointer/)]);
    expect(writes()).toEqual([]);
  });

  test.each([
    [{ 'model-s3-path': 'other.tar.gz' }, 'model-missing', /other\.tar\.gz does not exist \(input model-s3-path\)/],
    [{ 'model-upload-path': '' }, 'input-invalid', /or the input model-upload-path, which uploads a local archive/],
    [
      { 'model-upload-path': 'bucket/prefix' },
      'input-invalid',
      /expected s3:\/\/bucket\/prefix\/, where the archive is put/,
    ],
    [
      { 'model-s3-path': 'model.zip' },
      'input-invalid',
      /expected s3:\/\/bucket\/key\/model\.tar\.gz, one gzip tar archive/,
    ],
  ])('%j is refused', async (inputs, code, message) => {
    const { errors } = await run(inputs);
    expect([errors[0]?.title, errors[0]?.message]).toEqual([code, expect.stringMatching(message)]);
  });
});

describe('a local model for an exact path (--upload)', () => {
  const KEY = 'releases/2.0.0/model.tar.gz';
  const exact = { 'model-s3-path': `s3://${BUCKET}/${KEY}`, 'model-upload-path': '' };

  test('is only inspected by a plan, and put there by a deployment', async () => {
    const planned = await run({ ...exact, mode: 'plan' }, { upload: archive });
    expect([planned.status, stored(KEY)]).toEqual(['planned', undefined]);
    expect((await run(exact, { upload: archive })).status).toBe('started');
    expect(readFileSync(stored(KEY)?.bodyPath ?? '')).toEqual(readFileSync(archive));
  });
});
