import { readFileSync } from 'node:fs';

/** Reads the file behind GITHUB_OUTPUT or GITHUB_STATE after a step. */
export function readFileCommands(path: string): Record<string, string> {
  return parseFileCommands(readFileSync(path, 'utf8'));
}

/**
 * `name=value`, or `name<<delimiter`, the value's lines, `delimiter`; whichever sign comes first in the line decides.
 * Lines end with a line feed alone, as for the runner on Linux and macOS (actions/runner, FileCommandManager). A later
 * value of a name replaces an earlier one. Throws where the runner would fail the step.
 */
export function parseFileCommands(text: string): Record<string, string> {
  const lines = text.split('\n');
  const values: Record<string, string> = {};
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const sign = /=|<</.exec(line);
    if (sign === null) throw new Error(`Invalid format '${line}'`);
    const name = line.slice(0, sign.index);
    const rest = line.slice(sign.index + sign[0].length);
    if (sign[0] === '=') {
      values[name] = rest;
      continue;
    }
    if (name === '' || rest === '')
      throw new Error(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`);
    const end = lines.indexOf(rest, index + 1);
    if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${rest}'`);
    values[name] = lines.slice(index + 1, end).join('\n');
    index = end;
  }
  return values;
}
