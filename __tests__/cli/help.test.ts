import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ACTION_INPUTS } from '../../src/cli/action-inputs.ts';
import { COMMANDS, FLAGS, flagsOf, OWN_FLAGS, whyNoFlag } from '../../src/cli/flags.ts';
import { readCommandLine } from '../../src/cli/program.ts';
import { ROOT } from '../harness/run-action.ts';

function helpText(command: string | undefined, columns?: number): string {
  const line = readCommandLine(command === undefined ? ['--help'] : [command, '--help'], '1.0.0', columns);
  return line.kind === 'text' ? line.text : '';
}

describe('help', () => {
  test.each(Object.keys(ACTION_INPUTS))(
    'tells of the input %s as a flag, or there is a reason why it is none',
    (name) => {
      const isFlag = FLAGS.some((flag) => flag.name === name);
      expect(COMMANDS.some((command) => helpText(command).includes(`--${name} <`))).toBe(isFlag);
      expect(whyNoFlag(name) === undefined).toBe(isFlag);
    },
  );

  test.each(COMMANDS)('of %s names every flag, and what has no effect', (command) => {
    const text = helpText(command);
    expect(flagsOf(command).filter(({ name }) => !text.includes(`--${name}`))).toEqual([]);
    const isSaid = /Without effect here:[^.]* --wait, --timeout-minutes/.test(text.replace(/\s+/g, ' '));
    expect(isSaid).toBe(command === 'plan');
  });

  test.each([undefined, ...COMMANDS])('of %s keeps to the width of the terminal', (command) => {
    for (const [columns, widest] of [
      [undefined, 80],
      [60, 60],
      [500, 100],
    ] as const) {
      const lines = helpText(command, columns).split('\n');
      expect(lines.filter((line) => line.length > widest || /\s$/.test(line))).toEqual([]);
    }
  });

  test.each(COMMANDS)('of %s speaks of flags, not of inputs', (command) => {
    const text = helpText(command).replace(/\s+/g, ' ');
    expect(text).not.toMatch(/\bmode: |(?<!-)\b(?:model-s3-path|timeout-minutes|config-path)\b/);
  });

  test('overall is this', () => {
    expect(helpText(undefined)).toMatchSnapshot();
  });
});

describe('docs/command-line.md', () => {
  const text = readFileSync(join(ROOT, 'docs', 'command-line.md'), 'utf8');
  const leftOut = Object.keys(ACTION_INPUTS).filter((name) => whyNoFlag(name) !== undefined);

  test.each([...OWN_FLAGS.map(({ name }) => `--${name}`), '--help', '--version', ...leftOut])('tells of %s', (name) => {
    expect(text).toContain(`\`${name}`);
  });
});
