import { describe, expect, test } from '@jest/globals';
import { complaint, createTerminalRunner, type CliSession, jsonDocument } from '../../src/cli/session.ts';
import { HOSTILE_LINES } from '../core/text/hostile.ts';

const COMMAND = /^\s*::|##\[|(?![\t\n])[\p{Cc}\u2028\u2029\u202e]/mu;

/** A session whose terminal is a list of lines. */
function session(printed: string[]): CliSession {
  return {
    terminal: {
      moves: false,
      hasColour: false,
      columns: () => 80,
      log: (text) => void printed.push(text),
      complain: (text) => void printed.push(text),
      highlight: (text) => text,
      show: () => undefined,
      end: () => undefined,
    },
    live: { transfer: () => () => undefined, showSteps: () => undefined, end: () => undefined },
    folder: () => '/nowhere',
    verbose: true,
    record: { outputs: new Map(), warnings: [], errors: [] },
  };
}

describe('what is printed', () => {
  test.each(HOSTILE_LINES)('cannot speak to a runner or a terminal: %j', (line) => {
    const printed: string[] = [];
    const runner = createTerminalRunner(session(printed));
    runner.info(line);
    runner.debug(line);
    runner.annotate('notice', { title: line, message: line });
    runner.annotate('warning', { title: line, message: line, place: { file: line, line: 1 } });
    runner.annotate('error', { title: line, message: line });
    expect(printed.filter((text) => COMMAND.test(text))).toEqual([]);
  });

  test.each([
    [
      'error',
      { title: 'config-invalid', message: 'wrong', place: { file: 'a/c.json', line: 31, column: 5 } },
      'error[config-invalid]: a/c.json:31:5: wrong',
    ],
    ['warning', { title: 'Plan', message: 'odd', place: { file: 'c.json', line: 3 } }, 'warning: c.json:3: odd'],
    ['error', { title: 'internal', message: 'one\ntwo' }, 'error[internal]: one\n  two'],
  ] as const)('%s', (severity, annotation, expected) => {
    expect(complaint(severity, annotation, { highlight: (text) => text })).toBe(expected);
  });
});

describe('the document of --json', () => {
  test('reads back to exactly what was told, whatever that was, and is safe to print', () => {
    const outputs = new Map(HOSTILE_LINES.map((line, index) => [`output-${index}`, line]));
    const errors = HOSTILE_LINES.map((message) => ({ code: 'internal', message, place: { file: message } }));
    const text = jsonDocument('failed', { outputs, warnings: [], errors });
    expect(JSON.parse(text)).toEqual({ status: 'failed', outputs: Object.fromEntries(outputs), warnings: [], errors });
    expect(text.split('\n').filter((line) => COMMAND.test(line))).toEqual([]);
  });
});
