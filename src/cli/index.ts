import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DeployError } from '../core/errors.ts';
import { printable, wrapText } from '../core/text.ts';
import { readInputs } from '../inputs/index.ts';
import { containerFolder } from '../run/dependencies.ts';
import { inFlags } from './flags.ts';
import { type CommandLine, readCommandLine, type RunCommandLine, type WrongCommandLine } from './program.ts';
import { runCommand } from './run.ts';
import { complaint, createFolder, type ExitCode, jsonDocument } from './session.ts';
import { highlighter } from './terminal.ts';

/** The command line. `args`: without node and program; `startedFrom`: the folder of the started file. */
async function commandLine(args: readonly string[], program: NodeJS.Process, startedFrom: string): Promise<ExitCode> {
  const { stdout } = program;
  const line = withCheckedInputs(readCommandLine(args, version(startedFrom), widthOf(program)));
  switch (line.kind) {
    case 'text':
      stdout.write(line.text);
      return line.exitCode;
    case 'wrong':
      return reportWrong(line, program);
    case 'run':
      return start(line, program, startedFrom);
  }
}

/** Of the terminal, or what a shell says that it is. */
function widthOf({ stdout, env }: NodeJS.Process): number | undefined {
  return stdout.columns || Number(env['COLUMNS']) || undefined;
}

async function start(line: RunCommandLine, program: NodeJS.Process, programFolder: string): Promise<ExitCode> {
  const { command, json, outputFolder } = line;
  const folder = createFolder(outputFolder === undefined ? undefined : resolve(program.cwd(), outputFolder));
  try {
    // One that was asked for is made before anything else: a run of an hour must not end without a place for its summary.
    if (outputFolder !== undefined) folder();
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const problems = [`--output-folder ${JSON.stringify(outputFolder)} cannot be used: ${why}`];
    return reportWrong({ kind: 'wrong', command, problems, json }, program);
  }
  return runCommand({ line, folder, programFolder }, program);
}

/** The values, too: what is wrong with an input is known before anything is done, and said in the words of the flags. */
function withCheckedInputs(line: CommandLine): CommandLine {
  if (line.kind !== 'run') return line;
  try {
    readInputs(line.input);
    return line;
  } catch (thrown) {
    if (!(thrown instanceof DeployError)) throw thrown;
    const problems = thrown.diagnostics.map(({ message }) => inFlags(message));
    return { kind: 'wrong', command: line.command, problems, json: line.json };
  }
}

function reportWrong({ command, problems, json }: WrongCommandLine, { stdout, stderr, env }: NodeJS.Process): ExitCode {
  const highlight = highlighter(stderr, env);
  const lines = problems.map((message) => complaint('error', { title: 'input-invalid', message }, { highlight }));
  const help = `Help: bsm-pytorch-deploy ${command === undefined ? '' : `${command} `}--help`;
  const text = `${lines.join('\n')}\n\n${help}\n`;
  stderr.write(stderr.isTTY ? wrapText(text, stderr.columns || 80) : text);
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
