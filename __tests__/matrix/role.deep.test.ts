import { describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ActionRun } from '../harness/run-action.ts';
import { runnerCommands } from '../harness/runner-commands.ts';
import { openWorld, type World } from './world.ts';

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** GitHub's token endpoint: wants the job's bearer token, puts the audience into the claims. */
async function withTokens<T>(work: (env: Record<string, string>) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    const audience = new URL(request.url ?? '/', 'http://github').searchParams.get('audience');
    if (request.headers.authorization !== 'Bearer job-token') return void response.writeHead(401).end('{}');
    const claims = { sub: 'repo:org/models:ref:refs/tags/v1.3.0', aud: audience, iss: 'https://token.actions' };
    const value = `${base64({ alg: 'RS256' })}.${base64(claims)}.${base64({ signed: true })}`;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ value }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await work({
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'job-token',
    });
  } finally {
    server.close();
  }
}

// No other credentials: what is not signed with the role's cannot be sent.
const WITHOUT_KEYS = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
const ROLE = { 'role-to-assume': 'arn:aws:iam::123456789012:role/deploy', 'role-duration-seconds': '900' };

async function inWorld(
  nowMs: () => number,
  work: (world: World, env: Record<string, string>) => Promise<ActionRun>,
): Promise<{ run: ActionRun; assumed: number }> {
  const world = await openWorld({ nowMs });
  try {
    const run = await withTokens((env) => work(world, env));
    const assumed = world.aws.requests().filter(({ operation }) => operation === 'AssumeRoleWithWebIdentity').length;
    return { run, assumed };
  } finally {
    await world.close();
  }
}

describe('role-to-assume', () => {
  test('signs every call with the role, and masks its secrets only', async () => {
    const { run, assumed } = await inWorld(Date.now, (world, env) =>
      world.deploy({ inputs: ROLE, env: { ...WITHOUT_KEYS, ...env } }),
    );
    expect([run.outputs['status'], assumed]).toEqual(['succeeded', 1]);
    const masked = runnerCommands(run.stdout).filter(({ command }) => command === 'add-mask');
    expect(masked.length).toBeGreaterThanOrEqual(3);
    expect(masked.every(({ data }) => data.length > 20 && !data.includes('123456789012'))).toBe(true);
  });

  test('renews what is about to end, again and again', async () => {
    // By the runner's clock the 15 minutes end in 200 s, within the five minutes in which credentials are renewed.
    const { run, assumed } = await inWorld(
      () => Date.now() - 700_000,
      (world, env) => world.deploy({ inputs: ROLE, env: { ...WITHOUT_KEYS, ...env } }),
    );
    expect(run.outputs['status']).toBe('succeeded');
    expect(assumed).toBeGreaterThan(3);
  });

  test('without id-token: write names the permission', async () => {
    const { run } = await inWorld(Date.now, (world) => world.deploy({ inputs: ROLE, env: WITHOUT_KEYS }));
    const error = runnerCommands(run.stdout).find(({ command }) => command === 'error');
    expect(error?.properties['title']).toBe('credentials-missing');
    expect(error?.data).toContain('permissions: id-token: write');
  });

  test('explains a refused trust', async () => {
    const { run } = await inWorld(Date.now, (world, env) => {
      world.aws.setFaults([
        { service: 'sts', operation: 'AssumeRoleWithWebIdentity', call: 'every', fault: 'access-denied' },
      ]);
      return world.deploy({ inputs: ROLE, env: { ...WITHOUT_KEYS, ...env } });
    });
    const error = runnerCommands(run.stdout).find(({ command }) => command === 'error');
    expect([run.exitCode, error?.properties['title']]).toEqual([1, 'credentials-missing']);
    expect(error?.data).toContain('trust policy');
  });
});
