import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { conformance } from '../../conformance/conformance.ts';
import { ROOT } from '../harness/run-action.ts';
import { BUCKET, CREDENTIALS, embeddedAws, optionsFor } from './support.ts';

const ROLE = 'arn:aws:iam::123456789012:role/pipelines';
const PLACE = ['--bucket', BUCKET, '--role', ROLE];

jest.setTimeout(300_000);

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

describe('npm run conformance', () => {
  const aws = embeddedAws();
  let out = '';
  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'conformance-'));
  });
  afterAll(() => {
    rmSync(out, { recursive: true, force: true });
  });

  /** The command as a process; `onLine` may signal it. */
  function run(args: readonly string[], onLine: (line: string, child: ChildProcess) => void = () => undefined) {
    const child = spawn(process.execPath, ['--no-warnings', join(ROOT, 'lib/conformance/index.js'), ...args], {
      env: {
        PATH: process.env['PATH'],
        AWS_ENDPOINT_URL: aws().url,
        AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        onLine(line, child);
      });
    }
    return new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, said: lines.join('\n') }));
    });
  }

  test('asks, removes everything, and leaves a report and answers', async () => {
    const { code, said } = await run([
      ...PLACE,
      '--yes',
      '--out',
      out,
      '--only',
      'metadata-merge',
      'status-of-success',
    ]);
    expect(said).toMatch(/costs up to \$0\.01/);
    expect(said).not.toContain('NOT REMOVED');
    expect(code).toBe(0);
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('| holds | 2 |');
    expect(JSON.parse(readFileSync(join(out, 'answers.json'), 'utf8'))).toEqual({
      'status-of-success': { status: 'Succeeded' },
      'metadata-merge': { outcome: 'accepted', metadata: 'added=2 changed=2 kept=1' },
    });
    expect(aws().remains()).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('removes everything after %s, too', async (signal) => {
    const { code, said } = await run([...PLACE, '--yes', '--out', out], (line, child) => {
      if (line.endsWith(' status-of-success')) child.kill(signal);
    });
    expect(said).toContain('Interrupted');
    expect(code).toBe(130);
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('The run was interrupted');
    expect(aws().remains()).toEqual([]);
  });

  test('removes everything although nobody reads any more what it says', async () => {
    const { code } = await run([...PLACE, '--yes', '--out', out, '--only', 'metadata-merge'], (_line, child) => {
      child.stdout?.destroy();
    });
    expect(code).toBe(0);
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('| holds | 1 |');
    expect(aws().remains()).toEqual([]);
  });

  test('removes everything although the terminal ends at its last question', async () => {
    const ending = await conformance(optionsFor({ only: ['existing-group'] }), {
      connection: { endpoint: aws().url, credentials: CREDENTIALS },
      signal: new AbortController().signal,
      pollMs: 20,
      say: () => undefined,
      beforeRemoval: () => Promise.reject(new Error('Aborted with Ctrl+D')),
    });
    expect({ left: ending.removal.left, remains: aws().remains() }).toEqual({ left: [], remains: [] });
  });

  test('begins nothing where the answers have no place to go', async () => {
    const before = aws().requests().length;
    const file = join(out, 'a-file');
    writeFileSync(file, '');
    const { code, said } = await run([...PLACE, '--yes', '--out', join(file, 'folder')]);
    expect({ code, said }).toEqual({
      code: 2,
      said: expect.stringMatching(/^--out is \S+a-file.folder; expected a folder that can be written to \(ENOTDIR/),
    });
    expect(aws().requests().length).toBe(before);
  });

  test('removes later what a killed run left behind', async () => {
    let name = '';
    const args = [...PLACE, '--yes', '--out', out, '--jobs', '--only', 'metadata-merge', 'exit-message'];
    const killed = await run(args, (line, child) => {
      name = /begins with ([\w-]+)\./.exec(line)?.[1] ?? name;
      if (line.endsWith(' exit-message')) child.kill('SIGKILL');
    });
    expect(killed.code).toBeNull();
    const kinds = new Set(
      aws()
        .remains()
        .map((one) => one.split(':')[0]),
    );
    expect([...kinds]).toEqual(expect.arrayContaining(['pipelines', 'executions', 'groups', 'packages', 'jobs']));
    expect([...kinds]).toEqual(expect.arrayContaining(['stream', 'object']));
    const { code } = await run(['--bucket', BUCKET, '--clean', name]);
    expect(code).toBe(0);
    expect(aws().remains()).toEqual([]);
  });

  test('begins nothing where nobody can be asked and --yes is missing', async () => {
    const before = aws().requests().length;
    const { code, said } = await run(PLACE);
    expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining('add --yes') });
    const calls = aws()
      .requests()
      .slice(before)
      .map(({ operation }) => operation);
    expect(calls).toEqual(['GetCallerIdentity', 'HeadBucket']);
  });

  test('says at once that a bucket is not there', async () => {
    const { code, said } = await run(['--bucket', 'nowhere-at-all', '--role', ROLE, '--yes']);
    expect({ code, said }).toEqual({
      code: 2,
      said: 'The bucket nowhere-at-all answers status 404; expected one of yours in us-east-1.',
    });
  });

  test('lists every probe without asking', async () => {
    const before = aws().requests().length;
    const { code, said } = await run(['--list']);
    expect({ code, lines: said.split('\n').length >= 25 }).toEqual({ code: 0, lines: true });
    expect(aws().requests().length).toBe(before);
  });
});
