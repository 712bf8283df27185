#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { readArguments, USAGE } from './arguments.ts';
import { parseFaults } from './faults.ts';
import { startEmbeddedAws } from './server.ts';

/** The embedded AWS as a process of its own. */
async function main(): Promise<void> {
  const { help, buckets, faultsPath, endsWithStdin, ...options } = readArguments(process.argv.slice(2));
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  const faults = faultsPath === undefined ? [] : parseFaults(await readFile(faultsPath, 'utf8'));
  const server = await startEmbeddedAws({ ...options, faults });
  const end = endOnce(() => server.close());
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  if (endsWithStdin) process.stdin.on('end', end).on('error', end).resume();
  try {
    for (const { name, region, ...owner } of buckets) await server.store.createBucket(name, region, owner);
  } catch (error) {
    await server.close();
    throw error;
  }
  process.stdout.write(`${JSON.stringify({ url: server.url, pid: process.pid })}\n`);
}

/** The second signal finds the end under way and changes nothing. */
function endOnce(close: () => Promise<void>): () => void {
  let ending = false;
  return () => {
    if (ending) return;
    ending = true;
    close().then(() => process.exit(0), fail);
  };
}

function fail(error: unknown): void {
  process.stderr.write(`embedded AWS: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
