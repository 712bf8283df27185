import { type Command, type Flag, FLAGS, flagsOf, OWN_FLAGS } from './flags.ts';

const NPX = 'npx github:org/bsm-pytorch-deploy#v1';
const WIDEST = 100;

const PURPOSES: Readonly<Record<Command, string>> = {
  plan: 'Show what a deployment would change. Changes nothing.',
  rehearse: 'Run the whole pipeline on this machine, without an AWS account.',
  deploy: 'Package the model, register it in every region, and follow the pipeline to its end.',
  approve: 'Set the approval status of registered packages: Approved, or Rejected. Starts nothing.',
};

const NOTES: Readonly<Record<Command, readonly string[]>> = {
  plan: ['Without AWS credentials it does all but the comparison with what is deployed.'],
  rehearse: [
    'Runs the handler of the model with the python3 on the PATH; what it imports (torch, say) must be installed there.',
    'No credentials are needed, but for a model that has to be downloaded from S3.',
  ],
  deploy: ['Credentials come from the standard AWS chain: AWS_PROFILE after aws sso login, variables, and so on.'],
  approve: ['All packages are looked at before one is changed. Takes the outputs of a deployment, or ARNs.'],
};

const EXITS: readonly Row[] = [
  ['0', 'it went well'],
  ['1', 'it failed, was cancelled or timed out; the errors say why'],
  ['2', 'the command line is wrong, nothing was done'],
];

type Row = readonly [name: string, text: string];

/** The help of everything, or of one command. `columns`: how wide the terminal is. */
export function helpText(command: Command | undefined, columns = WIDEST): string {
  const width = Math.max(40, Math.min(columns, WIDEST));
  return `${(command === undefined ? overview(width) : commandHelp(command, width)).join('\n')}\n`;
}

export function usageLine(command: Command | undefined): string {
  const isNeeded = (flag: Flag) => (command === 'approve' ? flag.name === 'model-packages' : flag.required);
  const required = FLAGS.filter(isNeeded).map((flag) => headOf(flag));
  return `Usage: bsm-pytorch-deploy ${command ?? 'plan|rehearse|deploy'} ${required.join(' ')} [flags]`;
}

function overview(width: number): readonly string[] {
  return [
    'Take a pre-trained PyTorch model to the SageMaker Model Registry.',
    '',
    usageLine(undefined),
    '',
    'Commands',
    ...table(Object.entries(PURPOSES), width),
    '',
    'Examples',
    `  ${NPX} plan --config-path deploy/config.json \\`,
    '    --model-s3-path s3://bsm-models/releases/1.3.0/model.tar.gz',
    `  ${NPX} rehearse --config-path deploy/config.json --model-s3-path model.tar.gz`,
    '',
    'Exit codes',
    ...table(EXITS, width),
    '',
    'The flags of a command: bsm-pytorch-deploy deploy --help',
  ];
}

function commandHelp(command: Command, width: number): readonly string[] {
  const idle = (flag: Flag) =>
    (command === 'plan' && flag.acts === true) || (command === 'rehearse' && flag.lasts === true);
  const flags = flagsOf(command);
  const rows = flags.filter((flag) => !idle(flag)).map((flag): Row => [headOf(flag), textOf(flag)]);
  const own = OWN_FLAGS.filter((flag) => !('command' in flag) || flag.command === command).map(
    (flag): Row => [ownHead(flag), flag.text],
  );
  const left = flags.filter(idle).map(({ name }) => `--${name}`);
  return [
    ...wrap(PURPOSES[command], width),
    ...NOTES[command].flatMap((note) => wrap(note, width)),
    '',
    usageLine(command),
    '',
    'Inputs, as those of the action',
    ...table(rows, width),
    ...(left.length === 0 ? [] : ['', ...wrap(`Without effect here: ${left.join(', ')}.`, width)]),
    '',
    'Command line',
    ...table(own, width),
    '',
    'Exit codes',
    ...table(EXITS, width),
  ];
}

function headOf({ name, value }: Pick<Flag, 'name' | 'value'>): string {
  return `--${name} <${value}>`;
}

function ownHead(flag: (typeof OWN_FLAGS)[number]): string {
  const short = 'short' in flag ? `-${flag.short}, ` : '';
  return `${short}--${flag.name}${'value' in flag ? ` <${flag.value}>` : ''}`;
}

function textOf({ text, required, fallback }: Flag): string {
  const usual = fallback === '' ? '' : ` Default: ${fallback}.`;
  return `${text.replaceAll('`', '')}${usual}${required ? ' Required.' : ''}`;
}

/** Two columns; the second is wrapped. */
function table(rows: readonly Row[], width: number): readonly string[] {
  const left = Math.min(30, Math.max(...rows.map(([name]) => name.length))) + 4;
  return rows.flatMap(([name, text]) => {
    const lines = wrap(text, width - left);
    const head = `  ${name}`;
    const fits = head.length + 2 <= left;
    const first = fits ? [`${head.padEnd(left)}${lines[0] ?? ''}`] : [head, `${' '.repeat(left)}${lines[0] ?? ''}`];
    return [...first, ...lines.slice(1).map((line) => `${' '.repeat(left)}${line}`)];
  });
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
