import { parseArgs } from 'node:util';
import { nearest } from '../core/text/format.ts';
import { type Command, COMMANDS, FLAGS, OWN_FLAGS, whyNoFlag } from './flags.ts';

/** What somebody typed. */
export type Parsed =
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'version' }
  | Wrong
  | Ordered;

/** Every problem, not only the first. */
export interface Wrong {
  readonly kind: 'wrong';
  readonly command: Command | undefined;
  readonly problems: readonly string[];
  readonly json: boolean;
}

/** A run. `inputs` by the names of action.yml, '' for what was not given. */
export interface Ordered {
  readonly kind: 'ordered';
  readonly command: Command;
  readonly input: (name: string) => string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly outputFolder: string | undefined;
  /** A local archive that is to be put under the model's path first. */
  readonly upload: string | undefined;
}

/** A flag as it stood there; `value` undefined where none follows. */
interface Given {
  readonly name: string;
  readonly raw: string;
  readonly value: string | undefined;
  readonly inline: boolean;
}

const NEGATED = FLAGS.filter(({ isBoolean }) => isBoolean).map(({ name }) => `no-${name}`);
const WITH_VALUE: readonly string[] = [...FLAGS.map(({ name }) => name), 'output-folder', 'upload'];
const SWITCHES: readonly string[] = [...NEGATED, 'json', 'verbose', 'help', 'version'];
const REPEATING = new Set<string>(FLAGS.filter(({ repeats }) => repeats).map(({ name }) => name));

/** Reads the arguments, without node and program. */
export function parse(args: readonly string[]): Parsed {
  if (args.length === 0) return { kind: 'nothing' };
  const { given, words } = read(args);
  const switched = (name: string) => given.some((flag) => flag.name === name);
  const command = COMMANDS.find((name) => name === words[0]);
  if (switched('help') || words[0] === 'help') {
    return { kind: 'help', command: command ?? COMMANDS.find((name) => name === words[1]) };
  }
  if (switched('version')) return { kind: 'version' };
  const json = switched('json');
  const values = new Map<string, string>();
  const problems = [...judgeWords(words, command), ...given.flatMap((flag) => take(flag, values))];
  const missing = FLAGS.filter(({ name, required }) => required && !values.has(name)).map(({ name }) => `--${name}`);
  if (command !== undefined && command !== 'approve' && missing.length > 0)
    problems.push(`${command} needs ${missing.join(' and ')}`);
  if (command !== undefined && command !== 'deploy' && values.has('upload')) {
    problems.push(
      `--upload is for deploy; ${command === 'rehearse' ? 'rehearse takes a local --model-s3-path' : `${command} uploads nothing`}`,
    );
  }
  if (command === undefined || problems.length > 0) return { kind: 'wrong', command, problems, json };
  return {
    kind: 'ordered',
    command,
    input: (name) => (name === 'mode' ? command : (values.get(name) ?? '')),
    json,
    verbose: switched('verbose'),
    outputFolder: values.get('output-folder'),
    upload: values.get('upload'),
  };
}

function read(args: readonly string[]): { readonly given: readonly Given[]; readonly words: readonly string[] } {
  const options = {
    ...Object.fromEntries(WITH_VALUE.map((name) => [name, { type: 'string' as const }])),
    ...Object.fromEntries(SWITCHES.map((name) => [name, { type: 'boolean' as const }])),
    ...Object.fromEntries(
      OWN_FLAGS.flatMap((flag) =>
        'short' in flag ? [[flag.name, { type: 'boolean' as const, short: flag.short }]] : [],
      ),
    ),
  };
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const words = tokens.flatMap((token, index) =>
    token.kind === 'positional' ? [{ text: token.value, isStray: isValueOf(tokens[index - 1]) }] : [],
  );
  return {
    given: tokens.flatMap((token) =>
      token.kind === 'option'
        ? [{ name: token.name, raw: token.rawName, value: token.value, inline: token.inlineValue === true }]
        : [],
    ),
    words: words.filter(({ isStray }, index) => index === 0 || !isStray).map(({ text }) => text),
  };
}

interface Token {
  readonly kind: string;
  readonly name?: string;
  readonly value?: string | undefined;
}

/** After a misspelt flag stands, most likely, its value: that is not told of as well. */
function isValueOf(before: Token | undefined): boolean {
  return before?.kind === 'option' && before.value === undefined && !SWITCHES.includes(before.name ?? '');
}

function judgeWords([first, ...more]: readonly string[], command: Command | undefined): string[] {
  if (first === undefined) return [`no command; the first word is ${COMMANDS.join(', ')}`];
  if (command === undefined) {
    const { name, distance } = nearest(first, COMMANDS);
    const meant =
      distance <= 3 && distance < first.length ? `did you mean ${name}?` : `there are ${COMMANDS.join(', ')}`;
    return [`there is no command ${JSON.stringify(first)}; ${meant}`];
  }
  const hint = 'give every value to a flag, with quotes around one that holds blanks';
  return more.length === 0
    ? []
    : [`${more.map((word) => JSON.stringify(word)).join(', ')} belongs to no flag; ${hint}`];
}

/** Puts a flag's value where it belongs, or tells what is wrong with it. */
function take({ name, raw, value, inline }: Given, values: Map<string, string>): string[] {
  if (SWITCHES.includes(name)) {
    if (value !== undefined) return [`${raw} takes no value; found ${JSON.stringify(value)}`];
    if (NEGATED.some((negated) => negated === name)) return put(name.slice('no-'.length), 'false', values);
    return [];
  }
  if (!WITH_VALUE.includes(name)) return [unknown(name, raw)];
  if (value === undefined) return [`${raw} needs a value`];
  if (!inline && value.startsWith('-') && value.length > 1) {
    return [`${raw} is followed by ${value}; if that is its value, write ${raw}=${value}`];
  }
  return put(name, value.trim(), values);
}

function put(name: string, value: string, values: Map<string, string>): string[] {
  const before = values.get(name);
  if (before !== undefined && !REPEATING.has(name)) return [`--${name} is given twice`];
  values.set(name, before === undefined ? value : `${before}\n${value}`);
  return [];
}

function unknown(name: string, raw: string): string {
  const why = whyNoFlag(name);
  if (why !== undefined) return `${raw} is an input of the action, but no flag: ${why}`;
  const { name: near, distance } = nearest(name, [...WITH_VALUE, ...SWITCHES]);
  return `there is no flag ${raw}; ${distance <= 3 ? `the nearest is --${near}` : '--help lists them all'}`;
}
