#!/usr/bin/env node
import { CommanderError } from 'commander';
import { createInterface } from 'node:readline/promises';
import { type CommandLine, readCommandLine } from './cli.ts';
import { enter } from './entrance.ts';
import { conformance, exitCodeOf, openOut, removeRun, type Setting, writeFiles } from './conformance.ts';
import { costOf, dollars } from './cost.ts';
import { PROBES } from './probes/index.ts';
import { chosen } from './run.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(args: readonly string[]): Promise<number> {
  const line = readCommandLine(
    args,
    PROBES.map(({ id }) => id),
  );
  if (line.list) return list();
  const interruption = new AbortController();
  const setting: Setting = { connection: {}, signal: interruption.signal, pollMs: pollMs(), say };
  if (line.clean !== undefined) {
    return (await removeRun(line.options, setting)).left.length === 0 ? 0 : 2;
  }
  await openOut(line.out);
  const accountId = await enter(line.options, setting.connection);
  if (!(await agreed(line, accountId))) return 2;
  onSignal(interruption, line);
  say(`Everything that is made begins with ${line.options.run}.`);
  const ending = await conformance(line.options, line.yes ? setting : { ...setting, beforeRemoval: lookAtPages });
  const interrupted = interruption.signal.aborted;
  await writeFiles(line.out, line.options, { ...ending, interrupted });
  say(`Written: ${line.out}/report.md and answers.json.`);
  return interrupted ? 130 : exitCodeOf(ending.results);
}

/** AWS is asked every five seconds; an AWS on this machine answers faster. */
function pollMs(): number {
  const endpoint = process.env['AWS_ENDPOINT_URL'] ?? '';
  return /^https?:\/\/(127\.0\.0\.1|localhost)\b/.test(endpoint) ? 100 : 5000;
}

function list(): number {
  for (const { id, question, needs = [] } of PROBES) {
    say(`${id}: ${question}${needs.length === 0 ? '' : ` [${needs.map((need) => `--${need}`).join(' ')}]`}`);
  }
  return 0;
}

async function agreed({ options, yes }: CommandLine, accountId: string): Promise<boolean> {
  const { usd, lines } = costOf(chosen(PROBES, options), options);
  say(`This run costs up to ${dollars(usd)}:`);
  for (const line of lines) say(`  ${line}`);
  say(
    `It makes and removes things in account ${accountId}: in the bucket ${options.bucket}, in SageMaker of us-east-1.`,
  );
  if (yes) return true;
  if (!process.stdin.isTTY) {
    process.stderr.write('Nobody is here to be asked whether that is fine; add --yes where it is.\n');
    return false;
  }
  return /^y(es)?$/i.test((await question('Go on? [y/N] ')).trim());
}

async function lookAtPages(): Promise<void> {
  if (process.stdin.isTTY) await question('Look at the pages above now; Enter removes everything. ');
}

async function question(text: string): Promise<string> {
  const asked = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await new Promise<string>((resolve, reject) => {
      asked.question(text).then(resolve, reject);
      // On a terminal, readline takes Ctrl-C for itself.
      asked.once('SIGINT', () => {
        process.emit('SIGINT');
        resolve('');
      });
    });
  } finally {
    asked.close();
  }
}

/** A terminal and npm may each hand on the same Ctrl-C: what follows at once is no second one. */
const SAME_SIGNAL_MS = 1000;

/** The first signal ends the asking and removes everything; the second one gives up, and says what is left to do. */
function onSignal(interruption: AbortController, { options }: CommandLine): void {
  let firstMs: number | undefined;
  const interrupt = () => {
    if (firstMs === undefined) {
      firstMs = Date.now();
      say('Interrupted: no more questions; what was made is being removed.');
      interruption.abort();
    } else if (Date.now() - firstMs > SAME_SIGNAL_MS) {
      say(`Left as it is. To remove it: npm run conformance -- --bucket ${options.bucket} --clean ${options.run}`);
      process.exit(130);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
}

function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}

// A reader that is gone (a closed terminal, a pipe into head) must not keep what was made from being removed.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
}, fail);
