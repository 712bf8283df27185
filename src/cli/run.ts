import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { createAws } from '../aws/sdk/index.ts';
import { systemClock } from '../core/clock.ts';
import { readContext } from '../core/context.ts';
import { createOpenFiles } from '../rehearsal/open-files.ts';
import { createOpenStage } from '../rehearsal/open-stage.ts';
import type { Comments } from '../report/keep-comment.ts';
import { isGreen, type Status } from '../report/record.ts';
import { containerFolder } from '../run/container-folder.ts';
import type { Dependencies } from '../run/dependencies.ts';
import { run } from '../run/run.ts';
import { tellEnd } from './ending.ts';
import type { ExitCode } from './exit-code.ts';
import { onInterrupt } from './interrupts.ts';
import { createMoving } from './live-view.ts';
import type { Ordered } from './parse.ts';
import { withCommit } from './provenance.ts';
import { createTerminalRunner, type Desk } from './session.ts';
import { openTerminal } from './terminal.ts';
import { withUpload } from './upload.ts';

/** What was ordered, and what there is to do it with. */
export interface Order {
  readonly ordered: Ordered;
  readonly folder: Desk['folder'];
  /** Where the started file stands: dist/ and container/ are found from there. */
  readonly programFolder: string;
}

/** A run from a terminal: real clients, clock and files behind it, as in a workflow. */
export async function perform(order: Order, program: NodeJS.Process): Promise<ExitCode> {
  const { json, verbose } = order.ordered;
  const { stdout, stderr, env } = program;
  const terminal = await openTerminal({ log: json ? stderr : stdout, complaints: stderr }, env);
  const record: Desk['record'] = { outputs: new Map(), warnings: [], errors: [] };
  const desk: Desk = { terminal, moving: createMoving(terminal), folder: order.folder, verbose, record };
  const finish = (status: Status): ExitCode => {
    desk.moving.end();
    tellEnd(status, desk, json ? (text) => stdout.write(`${text}\n`) : undefined);
    return exitCode(status, record.errors);
  };
  const cancelled = new AbortController();
  const silence = onInterrupt(program, {
    first: () => {
      terminal.complain('Cancelling. Press Ctrl-C again to stop waiting for that.');
      cancelled.abort();
    },
    second: () => {
      record.errors.push({ code: 'cancelled', message: leftBehind(record.outputs) });
      terminal.complain(leftBehind(record.outputs));
      program.exit(finish('cancelled'));
    },
  });
  const status = await run(await dependencies(order, { desk, program, cancelled: cancelled.signal }));
  silence();
  return finish(status);
}

interface Surroundings {
  readonly desk: Desk;
  readonly program: NodeJS.Process;
  readonly cancelled: AbortSignal;
}

async function dependencies(
  { ordered, programFolder }: Order,
  { desk, program, cancelled }: Surroundings,
): Promise<Dependencies> {
  const here = program.cwd();
  const runner = createTerminalRunner(desk);
  const openStage = createOpenStage({
    openAws: () => createAws(),
    runner,
    environment: program.env,
    programFolder,
    tempFolder: tmpdir(),
    here,
    nowMs: () => systemClock.nowMs(),
    cancelled,
  });
  return {
    input: ordered.input,
    // Relative paths start here, also in a step of a workflow.
    context: { ...(await withCommit(readContext(program.env, here), here)), workspace: here },
    runner,
    openStage: ordered.upload === undefined ? openStage : withUpload(openStage, resolve(here, ordered.upload), runner),
    comments: NO_COMMENTS,
    clock: systemClock,
    openFiles: createOpenFiles({ environment: program.env, here, workspace: here }),
    containerFolder: containerFolder(programFolder),
    cancelled,
    random: () => randomInt(1_000_000) / 1_000_000,
  };
}

const NO_COMMENTS: Comments = {
  keep: () => Promise.reject(new Error('Comments are written in a workflow only.')),
};

function leftBehind(outputs: ReadonlyMap<string, string>): string {
  const execution = outputs.get('pipeline-execution-arn');
  const goesOn = execution === undefined ? 'Nothing had been started.' : `It may still run: ${execution}`;
  return `Not waited for the end. ${goesOn}`;
}

function exitCode(status: Status, errors: Desk['record']['errors']): ExitCode {
  if (errors.some(({ code }) => code === 'input-invalid')) return 2;
  return isGreen(status) ? 0 : 1;
}
