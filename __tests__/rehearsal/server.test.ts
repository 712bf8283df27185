import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer, type ServerOptions } from '../../src/rehearsal/server.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'server-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function optionsFor(script: string, deaths: string[] = []): ServerOptions {
  const entry = join(folder, 'server.mjs');
  writeFileSync(entry, script);
  return {
    entry,
    accountId: '123456789012',
    buckets: new Map([['b-1', 'us-east-1']]),
    python: undefined,
    searchPath: process.env['PATH'] ?? '',
    folder,
    mayAskRoot: false,
    guarded: [],
    otherUser: undefined,
    onDeath: (message) => deaths.push(message),
  };
}

const LISTENS = `console.log(JSON.stringify({ url: 'http://127.0.0.1:1' }));\n`;

describe('the server of a rehearsal', () => {
  test.each([
    [
      'that fails at once',
      'console.error("no room on the disk");\nprocess.exit(3);\n',
      /did not start: no room on the disk/,
    ],
    ['that ends silently', 'process.exit(0);\n', /did not start: it ended with 0/],
    [
      'that says something else',
      'console.log("hello");\nsetInterval(() => {}, 1000);\n',
      /did not start: it said hello/,
    ],
  ])('%s is an error that says why', async (_what, script, message) => {
    await expect(startServer(optionsFor(script))).rejects.toThrow(message);
  });

  test('that is not there is an error that says so', async () => {
    const options = { ...optionsFor(''), entry: join(folder, 'nothing.mjs') };
    await expect(startServer(options)).rejects.toThrow(/did not start: .*nothing\.mjs/);
  });

  test('that ends by itself is told of with the last it said; one that is closed is not', async () => {
    const deaths: string[] = [];
    const living = `${LISTENS}process.stdin.resume().on('end', () => process.exit(9));\n`;
    const server = await startServer(optionsFor(living, deaths));
    await server.close();
    expect(deaths).toEqual([]);
    const dying = `${LISTENS}setTimeout(() => { console.error('out of memory'); process.exit(9); }, 200);\n`;
    await startServer(optionsFor(dying, deaths));
    while (deaths.length === 0) await new Promise((done) => setTimeout(done, 50));
    expect(deaths).toEqual(['The embedded AWS of the rehearsal ended too early: out of memory']);
  });

  test('gets a path, a home and a temporary folder, and nothing else of ours', async () => {
    const seen = join(folder, 'seen.json');
    const script = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(seen)}, JSON.stringify(process.env));\n${LISTENS}process.stdin.resume().on('end', () => process.exit(0));\n`;
    const server = await startServer(optionsFor(script));
    await server.close();
    const environment = JSON.parse(readFileSync(seen, 'utf8')) as Record<string, string>;
    expect(
      Object.keys(environment)
        .filter((name) => !['PWD', 'SHLVL', '_'].includes(name))
        .sort(),
    ).toEqual(['HOME', 'PATH', 'TMPDIR']);
  });
});
