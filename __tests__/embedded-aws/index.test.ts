import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { HeadBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from '@jest/globals';
import { clientOptions, refusalOf } from './support.ts';

const PROGRAM = fileURLToPath(new URL('../../embedded-aws/index.js', import.meta.url));
type Child = ChildProcessByStdio<Writable, Readable, Readable>;
const children: Child[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null || !child.kill('SIGTERM')) continue;
    await once(child, 'exit');
  }
});

function run(...args: string[]): Child {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  children.push(child);
  return child;
}

async function listening(child: Child): Promise<string> {
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url, pid } = JSON.parse(line.toString()) as { url: string; pid: number };
  expect(pid).toBe(child.pid);
  return url;
}

describe('the executable', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'makes its buckets, says where it listens, and ends on %s',
    async (signal) => {
      const child = run('--bucket', 'na-bucket', '--bucket', 'eu-bucket=eu-west-1');
      const s3 = new S3Client(clientOptions(await listening(child), 'eu-west-1'));
      const head = await s3.send(new HeadBucketCommand({ Bucket: 'eu-bucket' }));
      s3.destroy();
      child.kill(signal);
      expect([head.BucketRegion, await once(child, 'exit')]).toEqual(['eu-west-1', [0, null]]);
    },
  );

  test('ends when its standard input closes, if asked to', async () => {
    const child = run('--stdin');
    await listening(child);
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('is controlled over HTTP: health, recorded requests, faults', async () => {
    const child = run('--stdin');
    const url = await listening(child);
    const fault = [{ operation: 'ListObjectsV2', call: 1, fault: 'throttling' }];
    const set = await fetch(`${url}/_embedded/faults`, { method: 'PUT', body: JSON.stringify(fault) });
    const refused = await fetch(`${url}/_embedded/faults`, { method: 'PUT', body: '[{}]' });
    const s3 = new S3Client(clientOptions(url));
    const throttled = await refusalOf(s3.send(new ListObjectsV2Command({ Bucket: 'models' })));
    s3.destroy();
    const health = await (await fetch(`${url}/_embedded/health`)).json();
    const requests = (await (await fetch(`${url}/_embedded/requests`)).json()) as object[];
    expect([await set.json(), refused.status, throttled.code, health, requests]).toEqual([
      { faults: 1 },
      400,
      'SlowDown',
      { status: 'ok', pid: child.pid },
      [expect.objectContaining({ index: 1, service: 's3', operation: 'ListObjectsV2', httpStatus: 503 })],
    ]);
  });

  test.each([
    ['an unknown flag', ['--prot', '1'], "Unknown option '--prot'"],
    ['a port that is none', ['--port', 'many'], '--port is many; expected 0 (any) to 65535.'],
    ['an account that is none', ['--account-id', '12'], '--account-id is 12; expected 12 digits.'],
    ['a bucket that cannot be', ['--bucket', 'No'], 'The specified bucket is not valid.'],
  ])('says what is wrong with %s', async (_, args, message) => {
    const child = run(...args);
    let text = '';
    child.stderr.on('data', (chunk) => {
      text += String(chunk);
    });
    const [code] = (await once(child, 'close')) as [number];
    expect([code, text]).toEqual([1, expect.stringContaining(message)]);
  });
});
