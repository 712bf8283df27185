import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './harness/run-action.ts';

/** A clone of what the demo needs, with nothing installed: its state lies inside, and the real one stays as it is. */
let clone: string;
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'clone-'));
  for (const path of ['scripts/demo.mjs', 'dist', 'container', 'examples/bsm', 'action.yml', 'package.json']) {
    cpSync(join(ROOT, path), join(clone, path), { recursive: true });
  }
});
afterAll(() => rmSync(clone, { recursive: true }));

interface Demo {
  readonly code: number | null;
  readonly printed: string;
}

interface DemoOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly onOutput?: (child: ChildProcess, printed: string) => void;
}

function demo({ args = [], env = {}, onOutput }: DemoOptions = {}): Promise<Demo> {
  const child = spawn(process.execPath, ['--no-warnings', 'scripts/demo.mjs', ...args], {
    cwd: clone,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      onOutput?.(child, printed);
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, printed })));
}

/** The outputs that the demo's table shows. */
function outputsOf(printed: string): Readonly<Record<string, string>> {
  const table = printed.slice(printed.indexOf('\nOutputs\n'), printed.indexOf('\nJob summary: '));
  const rows = [...table.matchAll(/^ {2}([\w-]+) +(.*)$/gm)];
  return Object.fromEntries(rows.map(([, name = '', value = '']) => [name, value] as const));
}

describe('npm run demo', () => {
  test('registers the example model, and its second run finds that; --fresh forgets it', async () => {
    const first = await demo();
    expect([first.code, outputsOf(first.printed)['status']]).toEqual([0, 'succeeded']);
    expect(first.printed).toContain('Run it again: the second run finds the registration');
    expect(first.printed).toContain('\nJob summary: .demo/summary.md\n');
    expect(readFileSync(join(clone, '.demo', 'summary.md'), 'utf8')).toContain('bsm-team-BSM-RnR-NA');

    const second = await demo();
    expect([second.code, outputsOf(second.printed)['status']]).toEqual([0, 'reused']);
    expect(outputsOf(second.printed)['model-package-arns']).toBe(outputsOf(first.printed)['model-package-arns']);
    expect(second.printed).toContain('registered already with the same code and configuration');

    const fresh = await demo({ args: ['--fresh'] });
    expect([fresh.code, outputsOf(fresh.printed)['status']]).toEqual([0, 'succeeded']);
  });

  test('shows no workflow command: those are for the runner', async () => {
    expect((await demo()).printed).not.toMatch(/^\s*::|##\[/m);
  });
});

describe('whatever AWS the caller has', () => {
  const seen: string[] = [];
  let trap: Server;
  beforeAll(async () => {
    trap = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.writeHead(500).end();
    });
    trap.on('connect', (request, socket) => {
      seen.push(`CONNECT ${request.url}`);
      socket.end();
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => trap.close(resolve)));

  test('the demo reaches none of it', async () => {
    const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`;
    const config = join(clone, 'aws-config');
    writeFileSync(
      config,
      `[default]\nendpoint_url = ${url}\nregion = eu-west-1\n[profile real]\nendpoint_url = ${url}\n`,
    );
    const endpoints = ['', '_S3', '_SAGEMAKER', '_STS', '_CLOUDWATCH_LOGS'].map((name) => `AWS_ENDPOINT_URL${name}`);
    const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
    const addresses = [...endpoints, ...proxies, 'AWS_CONTAINER_CREDENTIALS_FULL_URI', 'ACTIONS_ID_TOKEN_REQUEST_URL'];
    const { code, printed } = await demo({
      args: ['--fresh'],
      env: {
        ...Object.fromEntries(addresses.map((name) => [name, url])),
        AWS_PROFILE: 'real',
        AWS_CONFIG_FILE: config,
        AWS_SHARED_CREDENTIALS_FILE: config,
        AWS_REGION: 'eu-west-1',
        AWS_USE_FIPS_ENDPOINT: 'true',
        AWS_SESSION_TOKEN: 'real',
        GITHUB_TOKEN: 'real',
        INPUT_REGIONS: 'EU',
      },
    });
    expect([code, outputsOf(printed)['status'], seen]).toEqual([0, 'succeeded', []]);
    expect(Object.keys(JSON.parse(outputsOf(printed)['model-package-arns'] ?? '{}') as object)).toEqual(['NA']);
  });
});

describe('Ctrl-C', () => {
  test('stops the execution, then the embedded AWS, and says so', async () => {
    const packager = join(clone, 'examples/bsm/scripts/mims_package.py');
    writeFileSync(packager, 'import time\ntime.sleep(3600)\n');
    const sent: string[] = [];
    const { code, printed } = await demo({
      args: ['--fresh'],
      onOutput(child, output) {
        if (sent.length > 0 || !/PackagingStep +Executing/.test(output)) return;
        sent.push('SIGINT');
        child.kill('SIGINT');
      },
    });
    rmSync(packager);
    expect([code, outputsOf(printed)['status']]).toEqual([1, 'cancelled']);
    expect(printed).toContain('You cancelled it: the pipeline execution was stopped and nothing was registered.');
  });
});

describe('a machine on which it cannot run is told why', () => {
  test.each([
    ['dist/index.js', 'dist/index.js is missing. Check out the repository whole, or run npm ci && npm run bundle.'],
    ['dist/embedded-aws/index.js', 'dist/embedded-aws/index.js is missing. Check out the repository whole'],
  ])('without %s', async (path, message) => {
    renameSync(join(clone, path), join(clone, 'away'));
    const { code, printed } = await demo();
    renameSync(join(clone, 'away'), join(clone, path));
    expect([code, printed]).toEqual([2, expect.stringContaining(message)]);
  });

  test('without Python', async () => {
    expect(await demo({ env: { PATH: clone } })).toEqual({
      code: 2,
      printed: 'Python 3.8 or newer is needed (python3 or python on the PATH): the packaging job runs it.\n',
    });
  });

  test('with an argument that it does not know', async () => {
    expect(await demo({ args: ['--fersh'] })).toEqual({
      code: 2,
      printed: 'Unknown: --fersh. npm run demo takes -- --fresh (forget earlier runs).\n',
    });
  });
});
