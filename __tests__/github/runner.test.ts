import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRunner } from '../../src/github/runner.ts';

let folder: string;
let printed: string;
const write = process.stdout.write.bind(process.stdout);
const saved = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-'));
  printed = '';
  process.stdout.write = ((text: string) => {
    printed += text;
    return true;
  }) as typeof process.stdout.write;
});
afterEach(() => {
  process.stdout.write = write;
  process.env = { ...saved };
  rmSync(folder, { recursive: true, force: true });
});

describe('a file of the runner that cannot be written is a warning, and the run goes on', () => {
  test.each([
    ['an output', 'GITHUB_OUTPUT', 'the output status'],
    ['the state', 'GITHUB_STATE', 'the state done'],
    ['the summary', '', 'the job summary'],
    ['a kept file', '', 'the file plan.json'],
  ])('%s', (_what, variable, named) => {
    // A folder where a file should be: it cannot be written by anybody, root included.
    const taken = join(folder, 'taken');
    mkdirSync(taken);
    if (variable !== '') process.env[variable] = taken;
    const runner = createRunner(join(folder, 'gone'), taken);
    const work: Readonly<Record<string, () => unknown>> = {
      'the output status': () => runner.setOutput('status', 'succeeded'),
      'the state done': () => runner.saveState('done', 'true'),
      'the job summary': () => runner.writeSummary('# Summary'),
      'the file plan.json': () => runner.keepFile('plan.json', '{}'),
    };
    expect(() => work[named]?.()).not.toThrow();
    expect(printed).toMatch(
      new RegExp(`^::warning title=Runner files::Could not write ${named}.*: .*run itself goes on`),
    );
    expect(printed.trim().split('\n')).toHaveLength(1);
  });
});

test('a line is cut at a length that can be read', () => {
  createRunner(folder, undefined).info(`${'x'.repeat(1_000_000)}\nshort`);
  expect(printed.length).toBeLessThan(17_000);
  expect(printed).toContain('…\nshort');
});
