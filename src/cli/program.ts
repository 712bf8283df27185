import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { nearest, wrapText } from '../core/text.ts';
import { type CommandName, COMMANDS, type Flag, flagsOf, HIDDEN_FLAGS, OWN_FLAGS, whyNoFlag } from './flags.ts';

const NAME = 'bsm-pytorch-deploy';
const NPX = `npx github:org/${NAME}#v1`;
const USUAL = 80;
const WIDEST = 100;

/** What somebody typed: a run, a text to print (help, version), or what is wrong with it. */
export type CommandLine =
  | { readonly kind: 'text'; readonly text: string; readonly exitCode: 0 | 2 }
  | WrongCommandLine
  | RunCommandLine;

export interface WrongCommandLine {
  readonly kind: 'wrong';
  readonly command: CommandName | undefined;
  readonly problems: readonly string[];
  readonly json: boolean;
}

/** A run. `input`: by the names of action.yml, '' for what was not given. */
export interface RunCommandLine {
  readonly kind: 'run';
  readonly command: CommandName;
  readonly input: (name: string) => string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly outputFolder: string | undefined;
  /** A local archive that is to be put under the model's path first. */
  readonly upload: string | undefined;
}

const PURPOSES: Readonly<Record<CommandName, string>> = {
  plan: 'Show what a deployment would change. Changes nothing.',
  rehearse: 'Run the whole pipeline on this machine, without an AWS account.',
  deploy: 'Package the model, register it in every region, and follow the pipeline to its end.',
  approve: 'Set the approval status of registered packages: Approved, or Rejected. Starts nothing.',
};

const NOTES: Readonly<Record<CommandName, readonly string[]>> = {
  plan: ['Without AWS credentials it does all but the comparison with what is deployed.'],
  rehearse: [
    'Runs the handler of the model with the python3 on the PATH; what it imports (torch, say) must be installed there.',
    'No credentials are needed, but for a model that has to be downloaded from S3.',
  ],
  deploy: ['Credentials come from the standard AWS chain: AWS_PROFILE after aws sso login, variables, and so on.'],
  approve: ['All packages are described before one is changed. Takes the outputs of a deployment, or ARNs.'],
};

const EXAMPLES = `
Examples:
  ${NPX} plan --config-path deploy/config.json \\
    --model-s3-path s3://bsm-models/releases/1.3.0/model.tar.gz
  ${NPX} rehearse --config-path deploy/config.json \\
    --model-s3-path model.tar.gz

Exit codes:
  0  it went well
  1  it failed, was cancelled or timed out; the errors say why
  2  the command line is wrong, nothing was done

The flags of a command: ${NAME} deploy --help`;

/** Reads the arguments, without node and program. `columns`: how wide the terminal is. */
export function readCommandLine(args: readonly string[], version: string, columns = USUAL): CommandLine {
  const printed: string[] = [];
  const width = Math.max(40, Math.min(columns, WIDEST));
  const text = (): string => wrapText(printed.join(''), width);
  const found: { run?: RunCommandLine } = {};
  const program = createProgram(version, (run) => void (found.run = run));
  for (const command of [program, ...program.commands]) {
    // commander wraps nothing where less is left beside the flags than this; wrapText then wraps below them.
    command.configureHelp({ ...command.configureHelp(), minWidthToWrap: 30 });
    command.exitOverride().configureOutput({
      writeOut: (text) => void printed.push(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => width,
    });
  }
  if (args.length === 0) {
    program.outputHelp();
    return { kind: 'text', text: text(), exitCode: 2 };
  }
  try {
    program.parse(args, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return { kind: 'text', text: text(), exitCode: 0 };
    return wrong(args, [messageOf(thrown, args)]);
  }
  const { run } = found;
  if (run === undefined) return wrong(args, [`no command; the first word is one of ${COMMANDS.join(', ')}`]);
  const missing = flagsOf(run.command)
    .filter((flag) => isNeeded(flag, run.command) && run.input(flag.name) === '')
    .map(({ name }) => `--${name}`);
  return missing.length === 0 ? run : wrong(args, [`${run.command} needs ${missing.join(' and ')}`]);
}

function wrong(args: readonly string[], problems: readonly string[]): WrongCommandLine {
  const command = COMMANDS.find((name) => name === args[0]);
  return { kind: 'wrong', command, problems, json: args.includes('--json') };
}

/** commander's sentence on one line, without its own `error: `. */
function messageOf({ code, message }: CommanderError, args: readonly string[]): string {
  if (code === 'commander.help') return `unknown command '${args[1] ?? ''}'; expected one of ${COMMANDS.join(', ')}`;
  const unknown = /^error: unknown option '--([\w-]+)[^']*'$/.exec(message)?.[1];
  if (unknown !== undefined) return unknownFlag(unknown, args[0] ?? '');
  const text = message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .trim();
  const advice =
    code === 'commander.excessArguments' ? '; give every value to a flag, in quotes where it holds blanks' : '';
  return `${text.replace(/\.$/, '')}${advice}`;
}

/** A flag that another command has, or the nearest of all that this one has. */
function unknownFlag(name: string, typed: string): string {
  const found = `unknown option '--${name}'`;
  const command = COMMANDS.find((known) => known === typed);
  if (command === undefined) return `${found}; the first word is one of ${COMMANDS.join(', ')}`;
  const owners = COMMANDS.filter((other) => namesOf(other).includes(name));
  if (owners.length > 0) return `${found}: ${command} has none; it is a flag of ${owners.join(', ')}`;
  const known = namesOf(command);
  // Part of a longer flag is what people remember of it: `--confg`, `--timeout`.
  const word = nearest(name, [...new Set(known.flatMap((flag) => [flag, ...flag.split('-')]))]).name;
  const meant = known.find((flag) => flag === word || flag.split('-').includes(word)) ?? word;
  return `${found} (Did you mean --${meant}?)`;
}

function namesOf(command: CommandName): readonly string[] {
  const own = OWN_FLAGS.filter((flag) => !('commands' in flag) || flag.commands.some((known) => known === command));
  return [...flagsOf(command), ...own].map(({ name }) => name);
}

function createProgram(version: string, onRun: (run: RunCommandLine) => void): Command {
  const program = new Command(NAME)
    .description('Take a pre-trained PyTorch model to the SageMaker Model Registry.')
    .usage(`${COMMANDS.join('|')} --config-path <file> --model-s3-path <uri> [flags]`)
    .version(version, '-v, --version', 'The version.')
    .helpOption('-h, --help', 'This text.')
    .helpCommand('help [command]', 'The flags of a command.')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('after', EXAMPLES);
  for (const name of COMMANDS) {
    const command = program.command(name).usage(`${neededText(name)} [flags]`);
    command.helpOption('-h, --help', 'This text.');
    const flags = flagsOf(name);
    const idle = flags.filter((flag) => hasNoEffect(flag, name));
    for (const flag of flags) command.addOption(optionOf(flag).hideHelp(idle.includes(flag)));
    for (const flag of flags.filter(({ isBoolean }) => isBoolean)) {
      command.addOption(new Option(`--no-${flag.name}`, `The same as --${flag.name}=false.`).hideHelp());
    }
    for (const hidden of HIDDEN_FLAGS) command.addOption(refused(hidden));
    for (const own of OWN_FLAGS)
      if (!('commands' in own) || own.commands.some((known) => known === name)) command.addOption(ownOption(own));
    const without =
      idle.length === 0 ? [] : [`Without effect here: ${idle.map((flag) => `--${flag.name}`).join(', ')}.`];
    command.description([PURPOSES[name], ...NOTES[name], ...without].join('\n')).summary(PURPOSES[name]);
    command.action((options: Readonly<Record<string, unknown>>) => onRun(runOf(name, options, command)));
  }
  return program;
}

function neededText(command: CommandName): string {
  const needed = flagsOf(command).filter((flag) => isNeeded(flag, command));
  return needed.map(({ name, value }) => `--${name} <${value}>`).join(' ');
}

function isNeeded(flag: Flag, command: CommandName): boolean {
  return command === 'approve' ? flag.name === 'model-packages' : flag.required;
}

function hasNoEffect(flag: Flag, command: CommandName): boolean {
  return (command === 'plan' && flag.acts === true) || (command === 'rehearse' && flag.lasts === true);
}

function optionOf({ name, value, text, required, fallback, repeats }: Flag): Option {
  const usual = fallback === '' ? '' : ` Default: ${fallback}.`;
  const option = new Option(
    `--${name} <${value}>`,
    `${text.replaceAll('`', '')}${usual}${required ? ' Required.' : ''}`,
  );
  return option.argParser<string>((given, before) => {
    if (given.startsWith('--')) throw new InvalidArgumentError(`If that is its value, write --${name}=${given}`);
    if (before === undefined) return given.trim();
    if (repeats !== true) throw new InvalidArgumentError('It is given twice');
    return `${before}\n${given.trim()}`;
  });
}

function ownOption(flag: (typeof OWN_FLAGS)[number]): Option {
  return new Option(`--${flag.name}${'value' in flag ? ` <${flag.value}>` : ''}`, flag.text);
}

/** An input of the action that is no flag: said with the reason, not as an unknown one. */
function refused(name: string): Option {
  return new Option(`--${name} [value]`).hideHelp().argParser(() => {
    throw new InvalidArgumentError(`It is an input of the action, but no flag: ${whyNoFlag(name) ?? ''}`);
  });
}

function runOf(command: CommandName, options: Readonly<Record<string, unknown>>, parsed: Command): RunCommandLine {
  const textOf = (name: string): string => {
    const value = options[new Option(`--${name} <value>`).attributeName()];
    // `--no-wait` gives a boolean; what was not given has no source.
    if (typeof value === 'boolean') return parsed.getOptionValueSource(name) === 'cli' ? String(value) : '';
    return typeof value === 'string' ? value : '';
  };
  const own = (name: string) => textOf(name) || undefined;
  return {
    kind: 'run',
    command,
    input: (name) => (name === 'mode' ? command : textOf(name)),
    json: options['json'] === true,
    verbose: options['verbose'] === true,
    outputFolder: own('output-folder'),
    upload: own('upload'),
  };
}
