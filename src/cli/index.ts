import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DeployError } from '../core/errors.ts';
import { printable } from '../core/text/printable.ts';
import { readInputs } from '../inputs/index.ts';
import { containerFolder } from '../run/dependencies.ts';
import { helpText, usageLine } from './help.ts';
import { type Ordered, parse, type Parsed, type Wrong } from './parse.ts';
import { runCommand } from './run.ts';
import { complaint, createFolder, type ExitCode, jsonDocument } from './session.ts';
import { highlighter } from './terminal.ts';

/** The command line. `args`: without node and program; `startedFrom`: the folder of the started file. */
async function commandLine(args: readonly string[], program: NodeJS.Process, startedFrom: string): Promise<ExitCode> {
  const { stdout } = program;
  const parsed = judged(parse(args));
  switch (parsed.kind) {
    case 'help':
      stdout.write(helpText(parsed.command, stdout.columns));
      return 0;
    case 'nothing':
      stdout.write(helpText(undefined, stdout.columns));
      return 2;
    case 'version':
      stdout.write(`${version(startedFrom)}\n`);
      return 0;
    case 'wrong':
      return tellWrong(parsed, program);
    case 'ordered':
      return start(parsed, program, startedFrom);
  }
}

async function start(ordered: Ordered, program: NodeJS.Process, programFolder: string): Promise<ExitCode> {
  const { command, json, outputFolder } = ordered;
  const folder = createFolder(outputFolder === undefined ? undefined : resolve(program.cwd(), outputFolder));
  try {
    // One that was asked for is made before anything else: a run of an hour must not end without a place for its summary.
    if (outputFolder !== undefined) folder();
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const problems = [`--output-folder ${JSON.stringify(outputFolder)} cannot be used: ${why}`];
    return tellWrong({ kind: 'wrong', command, problems, json }, program);
  }
  return runCommand({ ordered, folder, programFolder }, program);
}

/** The values, too: what is wrong with an input is known before anything is done, and told in the words of the flags. */
function judged(parsed: Parsed): Parsed {
  if (parsed.kind !== 'ordered') return parsed;
  try {
    readInputs(parsed.input);
    return parsed;
  } catch (thrown) {
    if (!(thrown instanceof DeployError)) throw thrown;
    const problems = thrown.diagnostics.map(({ message }) => message.replace(/^Input (?=[a-z])/, '--'));
    return { kind: 'wrong', command: parsed.command, problems, json: parsed.json };
  }
}

function tellWrong({ command, problems, json }: Wrong, { stdout, stderr, env }: NodeJS.Process): ExitCode {
  const highlight = highlighter(stderr, env);
  const lines = problems.map((message) => complaint('error', { message }, { highlight }));
  const help = `Help: bsm-pytorch-deploy ${command === undefined ? '' : `${command} `}--help`;
  stderr.write(`${lines.join('\n')}\n\n${usageLine(command)}\n${help}\n`);
  const errors = problems.map((message) => ({ code: 'input-invalid', message: printable(message) }));
  if (json) stdout.write(`${jsonDocument('failed', { outputs: new Map(), warnings: [], errors })}\n`);
  return 2;
}

function version(startedFrom: string): string {
  const path = join(dirname(containerFolder(startedFrom)), 'package.json');
  return String((JSON.parse(readFileSync(path, 'utf8')) as { version: unknown }).version);
}

/** Runs what was typed after the word `command-line`. */
export async function startCommandLine(program: NodeJS.Process): Promise<ExitCode> {
  leaveOutSdkWarning(program);
  const startedFrom = dirname(realpathSync(program.argv[1] ?? '.'));
  return commandLine(program.argv.slice(3), program, startedFrom);
}

/** The SDK is in the bundle: what it says of Node versions to come is for those who build that, not for its users. */
function leaveOutSdkWarning(program: NodeJS.Process): void {
  const printers = program.listeners('warning');
  program.removeAllListeners('warning');
  program.on('warning', (warning) => {
    if (warning.message.startsWith('NodeVersionSupportWarning')) return;
    for (const print of printers) print.call(program, warning);
  });
}
