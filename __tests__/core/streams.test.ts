import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../harness/run-action.ts';

const LINES = 4_000;

/** A process that prints a long log and ends at once, as index.ts does. */
const PROGRAM = `
import { drained, guardStreams } from ${JSON.stringify(`file://${join(ROOT, 'lib', 'src', 'core', 'streams.js')}`)};
guardStreams(process);
for (let line = 0; line < ${LINES}; line += 1) process.stdout.write('x'.repeat(200) + '\\n');
process.stdout.write('the end\\n');
await drained(process);
process.exit(3);
`;

function run() {
  return spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], { stdio: ['ignore', 'pipe', 'pipe'] });
}

test('everything printed arrives before the process ends, however slow its reader is', async () => {
  const child = run();
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect(text.split('\n').length).toBe(LINES + 2);
  expect(text.endsWith('the end\n')).toBe(true);
});

test('a reader that goes away ends nothing, and no stack is printed', async () => {
  const child = run();
  child.stdout.once('data', () => child.stdout.destroy());
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect([code, complaints]).toEqual([3, '']);
});
