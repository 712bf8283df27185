/** A workflow command as GitHub's runner reads it out of a line of output. */
export interface RunnerCommand {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** What actions/runner registers (ActionCommandManager); a line with any other name is output like the rest. */
const REGISTERED = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
]);

interface Names {
  has(name: string): boolean;
}

const ANY_NAME: Names = { has: () => true };

const DATA_ESCAPES = { '%0D': '\r', '%0A': '\n' };
const PROPERTY_ESCAPES = { ...DATA_ESCAPES, '%3A': ':', '%2C': ',' };
const OLD_ESCAPES = { '%3B': ';', ...DATA_ESCAPES, '%5D': ']' };

/** White space as .NET trims it: U+0085 is, U+FEFF is not, the other way round than in JavaScript. */
const LEADING_BLANKS = /^[\p{Zs}\p{Zl}\p{Zp}\t-\r\u0085]+/u;

/**
 * The commands that the runner would act on, by the rules of its ActionCommand: `::name key=value,key=value::data` at a
 * line's start after trimming blanks; else `##[name key=value;key=value]data` anywhere in the line. Lines end with CR, LF
 * or CRLF. After `stop-commands` nothing is one until its token comes. With `anyName`, what has the form of a command
 * counts whatever it is called: for output that must not even look like one.
 */
export function runnerCommands(output: string, { anyName = false } = {}): readonly RunnerCommand[] {
  const found: RunnerCommand[] = [];
  const registered = anyName ? ANY_NAME : REGISTERED;
  let resumeToken: string | undefined;
  for (const line of output.split(/\r\n|\r|\n/)) {
    const names = resumeToken === undefined ? registered : new Set([...REGISTERED, resumeToken.toLowerCase()]);
    const command = parseCurrent(line, names) ?? parseOld(line, names);
    if (command === undefined) continue;
    if (resumeToken !== undefined) {
      if (command.command.toLowerCase() === resumeToken.toLowerCase()) resumeToken = undefined;
      continue;
    }
    if (command.command.toLowerCase() === 'stop-commands') resumeToken = command.data;
    found.push(command);
  }
  return found;
}

function parseCurrent(line: string, names: Names): RunnerCommand | undefined {
  const trimmed = line.replace(LEADING_BLANKS, '');
  const end = trimmed.startsWith('::') ? trimmed.indexOf('::', 2) : -1;
  if (end < 0) return undefined;
  const head = readHead(trimmed.slice(2, end), names);
  if (head === undefined) return undefined;
  return {
    command: head.name,
    properties: readProperties(head.rest.trim(), ',', PROPERTY_ESCAPES),
    data: unescape(trimmed.slice(end + 2), DATA_ESCAPES),
  };
}

function parseOld(line: string, names: Names): RunnerCommand | undefined {
  const start = line.indexOf('##[');
  const end = start < 0 ? -1 : line.indexOf(']', start);
  if (end < 0) return undefined;
  const head = readHead(line.slice(start + 3, end), names);
  if (head === undefined) return undefined;
  return {
    command: head.name,
    properties: readProperties(head.rest, ';', OLD_ESCAPES),
    data: unescape(line.slice(end + 1), OLD_ESCAPES),
  };
}

/** The name, if it is a registered one in any case, and what follows its blank. */
function readHead(text: string, names: Names): { name: string; rest: string } | undefined {
  const [name = ''] = text.split(' ', 1);
  return names.has(name.toLowerCase()) ? { name, rest: text.slice(name.length + 1) } : undefined;
}

function readProperties(text: string, separator: string, escapes: Readonly<Record<string, string>>) {
  const properties: Record<string, string> = {};
  for (const pair of text.split(separator)) {
    // A pair without a name or without a value is passed over.
    const [, name, value] = /^=*([^=]+)=+(.+)$/s.exec(pair) ?? [];
    if (name !== undefined && value !== undefined) properties[name] = unescape(value, escapes);
  }
  return properties;
}

/** The percent sign last, so that `%250A` is `%0A` and no line feed. */
function unescape(text: string, escapes: Readonly<Record<string, string>>): string {
  const plain = Object.entries(escapes).reduce((done, [escape, character]) => done.replaceAll(escape, character), text);
  return plain.replaceAll('%25', '%');
}
