import { describe, expect, test } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import type { RunReport } from '../../src/report/record.ts';
import { summaryMarkdown } from '../../src/report/summary/index.ts';
import { explanation, failed, STARTED_MS, step, succeeded } from './samples.ts';

const MIB = 1024 * 1024;
const FAT = '<'.repeat(1000);
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));

const log = (lines: number) => many(lines, (index) => `line ${index} ${'x'.repeat(900)}`);
const steps = (count: number) => many(count, (index) => step(`${FAT}${index}`, index, index + 1));
const fatError = new DeployError('config-invalid', many(600, () => FAT).join('\n'), {
  advice: FAT,
  diagnostics: many(600, () => ({ message: FAT })),
});

const NOTHING_CHANGES = { change: 'none', diff: [], uploads: [], registrations: [], jobs: [] } as const;

const CASES: readonly [string, Partial<RunReport>][] = [
  ['a huge log', { explanations: [explanation({ logTail: log(5000) })] }],
  ['many huge logs', { explanations: many(40, () => explanation({ logTail: log(500), reason: FAT })) }],
  ['many failed steps', { explanations: many(600, (index) => explanation({ step: `S${index}`, reason: FAT })) }],
  ['many steps', { steps: steps(3000) }],
  ['many warnings', { warnings: many(600, (index) => `${index} ${FAT}`) }],
  ['many checks', { checks: many(600, () => ({ name: 'model', result: 'failed', found: FAT, fix: FAT, cost: FAT })) }],
  ['a huge comparison', { comparison: { ...NOTHING_CHANGES, problems: many(3000, () => FAT) } }],
  ['a huge error', { error: fatError }],
  [
    'all of it',
    {
      explanations: many(100, () => explanation({ logTail: log(300), reason: FAT, exitMessage: FAT, logProblem: FAT })),
      steps: steps(3000),
      warnings: many(600, (index) => `${index} ${FAT}`),
      checks: many(600, (index) => ({
        name: 'model',
        result: index % 2 ? 'failed' : 'passed',
        found: FAT,
        fix: FAT,
        cost: FAT,
      })),
      error: fatError,
    },
  ],
];

const parts = (text: string, piece: string) => text.split(piece).length - 1;

describe.each(CASES)('a summary with %s', (_what, change) => {
  test('stays under 1 MiB, closed, with its cause, packages and steps', async () => {
    const { packages } = await succeeded();
    const text = summaryMarkdown({ ...(await failed()), packages, ...change }, STARTED_MS);
    expect(Buffer.byteLength(text)).toBeLessThan(MIB);
    expect(parts(text, '<details>')).toBe(parts(text, '</details>'));
    expect(parts(text, '\n```') % 2).toBe(0);
    expect(text).toMatch(/^## ❌ Failed: .*\n\n\*Shortened: .*\n\n> \[!CAUTION\]\n> /);
    for (const heading of ['### Model packages', '### Steps']) expect(parts(text, heading)).toBe(1);
    expect(text.endsWith('\n')).toBe(true);
  });
});

test('keeps the last lines of a log that is too long', async () => {
  const text = summaryMarkdown(
    { ...(await failed()), explanations: [explanation({ logTail: log(5000) })] },
    STARTED_MS,
  );
  expect(text).toContain('Last 200 of 5000 lines of the container log');
  expect(text).toContain('    line 4999 ');
  expect(text).not.toContain('    line 4799 ');
});

test('says nothing of being shortened where everything fits', async () => {
  expect(summaryMarkdown(await failed(), STARTED_MS)).not.toContain('Shortened');
});
