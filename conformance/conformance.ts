/** The whole run: ask, remove, tell. */
import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAccount, type Made } from './account.ts';
import { answersOf } from './answers.ts';
import { cleanUp, type Removal } from './cleanup.ts';
import { type Connection, openClients } from './clients.ts';
import type { Options } from './options.ts';
import { PROBES } from './probes/index.ts';
import { markOf, renderReport } from './report.ts';
import { askAll, chosen, type Result } from './run.ts';

export interface Setting {
  readonly connection: Connection;
  readonly signal: AbortSignal;
  /** Between two looks at an execution. */
  readonly pollMs: number;
  readonly say: (line: string) => void;
  /** Asked after the probes and before the removal: time to look at the pages of the console. */
  readonly beforeRemoval?: () => Promise<void>;
}

export interface Ending {
  readonly results: readonly Result[];
  readonly removal: Removal;
  readonly links: readonly { readonly what: string; readonly url: string }[];
}

export async function conformance(options: Options, setting: Setting): Promise<Ending> {
  const { signal, pollMs, say } = setting;
  const links: { what: string; url: string }[] = [];
  const clients = openClients(setting.connection, signal);
  const made: Made = { pipelines: new Set(), groups: new Set() };
  const account = createAccount({
    made,
    options,
    clients,
    signal,
    pollMs,
    onLink: (what, url) => {
      links.push({ what, url });
      say(`${what}: ${url}`);
    },
  });
  try {
    const results = await askAll(chosen(PROBES, options), account, (result) => say(line(result)));
    // Whatever becomes of the waiting (a terminal that closes), what was made is removed.
    if (!signal.aborted) await setting.beforeRemoval?.().catch(() => undefined);
    const removal = await removeRun(options, setting, made);
    return { results, removal, links };
  } finally {
    clients.destroy();
  }
}

/** With clients of its own: those of the probes refuse everything after an interruption. */
export async function removeRun(
  options: Options,
  setting: Pick<Setting, 'connection' | 'pollMs' | 'say'>,
  made?: Made,
): Promise<Removal> {
  setting.say(`Removing what ${options.run} made.`);
  const clients = openClients(setting.connection, new AbortController().signal);
  try {
    const { run, bucket, keyPrefix, regional } = options;
    const place = {
      run,
      bucket,
      keyPrefix,
      pollMs: setting.pollMs,
      ...(regional === undefined ? {} : { regional }),
      ...(made === undefined ? {} : { made }),
    };
    const removal = await cleanUp(clients, place);
    setting.say(`${removal.removed.length} removed.`);
    for (const { what, why } of removal.left) setting.say(`NOT REMOVED: ${what}: ${why}`);
    return removal;
  } finally {
    clients.destroy();
  }
}

function line(result: Result): string {
  const mark = markOf(result);
  const why = result.state === 'failed' ? `: ${result.reason}` : '';
  return `${mark.padEnd(13)}${result.probe.id}${why}`;
}

/** 0: every probe ran and nothing is contradicted. 1: something is. 2: something could not be asked. */
export function exitCodeOf(results: readonly Result[]): number {
  const marks = results.map(markOf);
  if (marks.includes('contradicted')) return 1;
  return marks.includes('failed') ? 2 : 0;
}

/**
 * Before anything is asked: answers that took half an hour must have a place to go.
 * @throws Error that says what is not right
 */
export async function openOut(out: string): Promise<void> {
  try {
    await mkdir(out, { recursive: true });
    await access(out, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`--out is ${out}; expected a folder that can be written to (${why}).`);
  }
}

export async function writeFiles(
  out: string,
  options: Options,
  ending: Ending & { interrupted: boolean },
): Promise<void> {
  await writeFile(join(out, 'report.md'), renderReport({ options, ...ending }));
  const answers = answersOf(ending.results, options);
  await writeFile(join(out, 'answers.json'), `${JSON.stringify(answers, undefined, 2)}\n`);
}
