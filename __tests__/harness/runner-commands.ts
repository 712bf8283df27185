/** A workflow command as GitHub's runner reads it out of a line of output. */
export interface RunnerCommand {
  readonly command: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/**
 * The commands that the runner would recognise, by the rules of its ActionCommand: `::name key=value::data` at a line's
 * start after trimming blanks; `##[name key=value;]data` anywhere in a line. Lines end with CR, LF or CRLF.
 */
export function runnerCommands(output: string): readonly RunnerCommand[] {
  return output.split(/\r\n|\r|\n/).flatMap((line) => {
    const found = parseCurrent(line) ?? parseOld(line);
    return found === undefined ? [] : [found];
  });
}

function parseCurrent(line: string): RunnerCommand | undefined {
  const trimmed = line.trimStart();
  if (!trimmed.startsWith('::')) return undefined;
  const end = trimmed.indexOf('::', 2);
  if (end < 0) return undefined;
  return command(trimmed.slice(2, end), ',', trimmed.slice(end + 2));
}

function parseOld(line: string): RunnerCommand | undefined {
  const start = line.indexOf('##[');
  const end = start < 0 ? -1 : line.indexOf(']', start);
  if (end < 0) return undefined;
  return command(line.slice(start + 3, end), ';', line.slice(end + 1));
}

function command(head: string, separator: string, data: string): RunnerCommand {
  const [name = '', ...rest] = head.trim().split(' ');
  const pairs = rest
    .join(' ')
    .split(separator)
    .map((pair) => pair.trim().split('='));
  const properties = pairs
    .filter(([key]) => key !== '')
    .map(([key = '', ...value]) => [key, unescape(value.join('='))]);
  return { command: name, properties: Object.fromEntries(properties) as Record<string, string>, data: unescape(data) };
}

function unescape(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}
