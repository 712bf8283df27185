import { readFileSync } from 'node:fs';

/** Reads what an action wrote into GITHUB_OUTPUT or GITHUB_STATE: `name<<delimiter`, lines, `delimiter`; or `name=value`. */
export function readFileCommands(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/);
  const values: Record<string, string> = {};
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const heredoc = /^([^=<]+)<<(.+)$/.exec(line);
    if (heredoc !== null) {
      const end = lines.indexOf(heredoc[2] ?? '', index + 1);
      if (end < 0) throw new Error(`Matching delimiter not found '${heredoc[2]}'`);
      values[heredoc[1] ?? ''] = lines.slice(index + 1, end).join('\n');
      index = end;
    } else if (line !== '') {
      const at = line.indexOf('=');
      if (at <= 0) throw new Error(`Invalid format '${line}'`);
      values[line.slice(0, at)] = line.slice(at + 1);
    }
  }
  return values;
}
