import { wordsFor } from '../core/text.ts';
import { ACTION_INPUTS, type InputName } from './action-inputs.ts';

export const COMMANDS = ['plan', 'rehearse', 'deploy', 'approve'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** Inputs that are no flags. */
const LEFT_OUT = ['mode', 'role-to-assume', 'role-session-name', 'role-duration-seconds', 'audience'] as const;
const FOR_GITHUB = ['github-token', 'comment'] as const;

/** Inputs of the action that are no flags; `whyNoFlag` says why. */
export const HIDDEN_FLAGS: readonly InputName[] = [...LEFT_OUT, ...FOR_GITHUB];

type FlagName = Exclude<InputName, (typeof LEFT_OUT)[number] | (typeof FOR_GITHUB)[number]>;

interface Wording {
  /** What stands for the value in help. */
  readonly value: string;
  /** Where the words of action.yml speak of a workflow. */
  readonly text?: string;
  /** Given more than once, the values become lines of one. */
  readonly repeats?: true;
  /** Every command but approve needs it. */
  readonly needed?: true;
  /** Means something to approve. */
  readonly approves?: true;
  /** And to no other command. */
  readonly approveOnly?: true;
  /** Changes nothing in plan: nothing is started there. */
  readonly acts?: true;
  /** Changes nothing in rehearse: nothing lasts longer than the run. */
  readonly lasts?: true;
}

const WORDING: Readonly<Record<FlagName, Wording>> = {
  'config-path': { value: 'file', text: 'Path of the JSON configuration.', needed: true },
  'model-s3-path': {
    value: 'uri',
    needed: true,
    text: 'The model archive: `s3://bucket/key/model.tar.gz`; for `rehearse`, or with --model-upload-path, a local .tar.gz will do.',
  },
  'model-upload-path': { value: 'uri', lasts: true },
  regions: {
    value: 'list',
    text: 'Regions to register in: `NA`, `EU`, `FE` or their AWS names, as `NA,EU` or repeated. Default: the region of the configuration.',
    repeats: true,
  },
  'pipeline-role-arn': {
    value: 'arn',
    text: 'The IAM role that the pipeline and its jobs run with (not your own). Default: `role` of the configuration.',
  },
  'approval-status': { value: 'status', approves: true },
  'model-packages': {
    value: 'list',
    text: 'Which packages: the output model-packages, model-package-arns or model-package-versions of a deployment, or an ARN. Repeat it for more ARNs; one package a region.',
    repeats: true,
    approves: true,
    approveOnly: true,
  },
  'approval-description': {
    value: 'text',
    text: 'Why, as it stands on the package.',
    approves: true,
    approveOnly: true,
  },
  'reject-newer': {
    value: 'true|false',
    text: 'Set approved versions of the same group that are newer to Rejected. That is how a release is rolled back.',
    approves: true,
    approveOnly: true,
  },
  'allow-foreign': {
    value: 'true|false',
    text: 'Take packages that this action did not register, too.',
    approves: true,
    approveOnly: true,
  },
  'allow-failed-load-test': {
    value: 'true|false',
    text: 'Approve a package although its load test failed.',
    approves: true,
    approveOnly: true,
  },
  'if-registered': { value: 'reuse|again|require' },
  'load-test': { value: 'off|report|require', acts: true },
  'expect-plan-digest': { value: 'digest', acts: true, lasts: true },
  wait: {
    value: 'true|false',
    text: 'Follow the pipeline execution to its end; `--no-wait` starts it and returns.',
    acts: true,
    lasts: true,
  },
  'timeout-minutes': { value: 'minutes', text: 'Give up after so many minutes (fractions are fine).', acts: true },
  'on-cancel': {
    value: 'stop|leave',
    text: 'On Ctrl-C: `stop` the pipeline execution, or `leave` it running.',
    acts: true,
    lasts: true,
  },
  'on-timeout': { value: 'stop|leave', acts: true, lasts: true },
  parameters: {
    value: 'Name=Value',
    text: 'Override of an open pipeline parameter: `PipelineExecutionTempDir`, `InferenceInstanceType`, and where configured `KMSEncryptionKey`, `VPCEndpointSubnet`, `SecurityGroupId`. Repeat it for more.',
    repeats: true,
  },
  tags: {
    value: 'key=value',
    text: 'Tag for the pipeline and the model package group. Repeat it for more.',
    repeats: true,
  },
  'execution-document': { value: 'file' },
  'log-tail-lines': { value: 'lines', acts: true },
  'working-directory': {
    value: 'folder',
    text: 'What relative paths here and in the configuration start from. Default: the current folder.',
  },
};

/** An input of the action as a flag. */
export interface Flag extends Wording {
  readonly name: FlagName;
  readonly text: string;
  readonly required: boolean;
  /** '' for none. */
  readonly fallback: string;
  readonly isBoolean: boolean;
}

/** The flags of a command: approving is another thing than deploying. */
export function flagsOf(command: CommandName): readonly Flag[] {
  return FLAGS.filter(({ approves, approveOnly }) => (command === 'approve' ? approves : !approveOnly));
}

/** Why an input of the action is no flag; undefined for what is none of them. */
export function whyNoFlag(name: string): string | undefined {
  if (name === 'mode') return 'it is the first word: plan, rehearse, deploy or approve';
  if (LEFT_OUT.some((known) => known === name))
    return "it needs GitHub's OIDC; here the standard AWS credential chain serves (AWS_PROFILE, aws sso login)";
  if (FOR_GITHUB.some((known) => known === name))
    return 'pull-request comments are written by the action in a workflow';
  return undefined;
}

const isFlag = (name: string): boolean => name in WORDING;
/** Names that are no words of English besides. */
const NAMES = Object.keys(WORDING).filter((name) => name.includes('-'));
const BARE_NAME = new RegExp(`(?<![-\\w./:])(${NAMES.join('|')})(?![-\\w./])`, 'g');

const MODE = new RegExp(`\`?\\bmode: (${COMMANDS.join('|')})\\b\`?`, 'g');

/** A sentence that speaks of inputs of a workflow, in the words of the command line. */
export function inFlags(text: string): string {
  return wordsFor('terminal', text)
    .replace(MODE, '$1')
    .replace(/\b(?:the )?inputs? `?([a-z][a-z0-9-]*)`?/gi, (all, name: string) => (isFlag(name) ? `--${name}` : all))
    .replace(/(?<![-\w])([a-z]+(?:-[a-z]+)+|wait): (?=\w)/g, (all, name: string) => (isFlag(name) ? `--${name} ` : all))
    .replace(BARE_NAME, '--$1')
    .replace(/\b(run|running) this job again/gi, '$1 again')
    .replaceAll('another workflow run', 'another run')
    .replaceAll('this workflow itself runs with', 'you yourself have');
}

export const FLAGS: readonly Flag[] = Object.entries(WORDING).map(([key, wording]) => {
  const name = key as FlagName;
  const { description, fallback } = ACTION_INPUTS[name];
  const isBoolean = fallback === 'true';
  return { text: inFlags(description), ...wording, name, required: wording.needed === true, fallback, isBoolean };
});

/** What belongs to the command line alone. */
export const OWN_FLAGS = [
  {
    name: 'upload',
    value: 'file',
    commands: ['plan', 'deploy'],
    text: 'Put this local archive under --model-s3-path first (plan only inspects it). What is there already is never overwritten: the same file is left alone, another one is an error.',
  },
  {
    name: 'output-folder',
    value: 'folder',
    text: 'Where summary.md, plan.json and execution-document.json are put. Default: a new folder among the temporary ones.',
  },
  {
    name: 'json',
    text: 'Standard output is one JSON document with status, outputs, warnings and errors; the log goes to standard error.',
  },
  { name: 'verbose', text: 'Also print what helps to find defects.' },
] as const;
