import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { credentials, openWorld, type World } from './world.ts';

/** An address of documentation, RFC 5737: there is no route to it, only the proxy finds a way. */
const AWS_HOST = '192.0.2.10';
const PASSWORD = 'hunter2';

const node = process.env['BSM_NODE24'] || process.execPath;
const version = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout;
const [major = 0, minor = 0] = version.split('.').map(Number);
const knowsProxies = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const possible = knowsProxies && hasOpenssl ? describe : describe.skip;

let world: World;
let certificate: string;
let servers: Server[];
/** What the proxy was asked for, with whose word. */
let asked: string[];
beforeEach(async () => {
  world = await openWorld();
  servers = [];
  asked = [];
  certificate = join(world.workspace, 'certificate.pem');
});
afterEach(async () => {
  for (const server of servers) server.close().closeAllConnections();
  await world.close();
});

/** Hands a request on to the embedded AWS as it is. */
function forward(incoming: IncomingMessage, answer: ServerResponse): void {
  const url = new URL(incoming.url ?? '/', world.aws.url);
  const { hostname, port } = new URL(world.aws.url);
  const { method, headers } = incoming;
  const onward = request({ hostname, port, path: url.pathname + url.search, method, headers }, (got) => {
    answer.writeHead(got.statusCode ?? 500, got.headers);
    got.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  incoming.pipe(onward);
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** The embedded AWS behind TLS, with a certificate of its own. */
async function startTls(): Promise<number> {
  const key = join(world.workspace, 'key.pem');
  const named = ['-subj', `/CN=${AWS_HOST}`, '-addext', `subjectAltName=IP:${AWS_HOST}`];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...named, ...files], {
    stdio: 'pipe',
  });
  return listen(createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, forward));
}

async function startProxy(tlsPort: number): Promise<number> {
  const proxy = createServer((incoming, answer) => {
    asked.push(`${incoming.method} ${new URL(incoming.url ?? '').host}`);
    forward(incoming, answer);
  });
  proxy.on('connect', (incoming: IncomingMessage, socket: Duplex) => {
    asked.push(`CONNECT ${incoming.url} ${incoming.headers['proxy-authorization']}`);
    const tunnel = connect(tlsPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    for (const end of [tunnel, socket]) end.on('error', () => [tunnel, socket].forEach((each) => each.destroy()));
  });
  return listen(proxy);
}

possible('a runner without a direct route to AWS', () => {
  test('deploys through the proxy of HTTPS_PROXY, and tells nobody its password', async () => {
    const tlsPort = await startTls();
    const proxy = `http://runner:${PASSWORD}@127.0.0.1:${await startProxy(tlsPort)}`;
    const env = {
      ...credentials(`https://${AWS_HOST}:${tlsPort}`),
      HTTPS_PROXY: proxy,
      NODE_EXTRA_CA_CERTS: certificate,
    };
    const run = await world.deploy({}, { env });
    expect([run.exitCode, run.outputs['status'], run.stderr]).toEqual([0, 'succeeded', '']);
    const word = Buffer.from(`runner:${PASSWORD}`).toString('base64');
    expect(new Set(asked)).toEqual(new Set([`CONNECT ${AWS_HOST}:${tlsPort} Basic ${word}`]));
    expect(run.stdout + run.summary + JSON.stringify([run.outputs, run.state])).not.toContain(PASSWORD);
  });

  test('asks a proxy of HTTP_PROXY for an endpoint without TLS, and what is on this machine directly', async () => {
    const HTTP_PROXY = `http://127.0.0.1:${await startProxy(0)}`;
    const far = await world.deploy({}, { env: { ...credentials(`http://${AWS_HOST}:81`), HTTP_PROXY } });
    expect([far.exitCode, new Set(asked.map((line) => line.split(' ')[1]))]).toEqual([0, new Set([`${AWS_HOST}:81`])]);
    asked.length = 0;
    const near = await world.deploy({}, { env: { HTTP_PROXY } });
    expect([near.exitCode, near.outputs['status'], asked]).toEqual([0, 'reused', []]);
  });

  test('says what is wrong with a proxy that is no URL, and nothing else', async () => {
    const run = await world.deploy({}, { env: { HTTPS_PROXY: `runner:${PASSWORD}@proxy:3128` } });
    expect([
      run.exitCode,
      run.stdout.match(/HTTPS_PROXY is not the URL of a proxy; expected http:\/\/host:port\./),
    ]).toEqual([1, expect.anything()]);
    expect(run.stdout + run.summary).not.toContain(PASSWORD);
    expect(world.operations()).toEqual([]);
  });
});
