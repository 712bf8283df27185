import { describe, expect, test } from '@jest/globals';
import { type Progress, progressLines } from '../../src/cli/terminal.ts';
import type { StepState } from '../../src/core/runner.ts';

const MB = 1_000_000;
const NOTHING: Progress = { transfers: [], steps: [], stepsInAll: 0 };

function step(name: string, more: Partial<StepState>): StepState {
  return { name, status: 'Executing', attempts: 1, startedAtMs: 0, ...more } as StepState;
}

function transfer(doneBytes: number, totalBytes = 400 * MB): Progress {
  return { ...NOTHING, transfers: [{ what: 'Download of model.tar.gz', totalBytes, doneBytes, startedAtMs: 0 }] };
}

describe('the lines that move', () => {
  test.each([
    ['nothing', NOTHING, []],
    ['a transfer that begins', transfer(0), ['░░░░░░░░░░░░░░░░░░░░   0 % 0 B of 400.0 MB; Download of model.tar.gz']],
    [
      'a transfer under way',
      transfer(100 * MB),
      ['█████░░░░░░░░░░░░░░░  25 % 100.0 MB of 400.0 MB, 10.0 MB/s, 30 s left; Download of model.tar.gz'],
    ],
    ['an empty transfer', transfer(0, 0), ['████████████████████ 100 % 0 B of 0 B; Download of model.tar.gz']],
    [
      'steps, of which AWS lists those that have begun',
      {
        ...NOTHING,
        steps: [
          step('CreatePytorchModelStep', { status: 'Succeeded', endedAtMs: 2_000 }),
          step('PackagingStep', { startedAtMs: 3_000 }),
        ],
        stepsInAll: 4,
      },
      ['█████░░░░░░░░░░░░░░░ 1 of 4 steps done; PackagingStep 7.0 s'],
    ],
    [
      'all steps done',
      { ...NOTHING, steps: [step('PackagingStep', { endedAtMs: 5_000 })], stepsInAll: 0 },
      ['████████████████████ 1 of 1 steps done'],
    ],
  ])('show %s', (_, progress, lines) => {
    expect(progressLines(progress, { nowMs: 10_000, columns: 120 })).toEqual(lines);
  });

  test('never wrap, and cannot move the cursor by what they are told', () => {
    const progress = transfer(MB);
    const hostile = {
      ...progress,
      transfers: progress.transfers.map((one) => ({ ...one, what: '\u001b[2J\r\nmodel' })),
    };
    const [line = '', ...more] = progressLines(hostile, { nowMs: 1, columns: 50 });
    expect([more, line.length, /\p{Cc}/u.test(line)]).toEqual([[], 49, false]);
  });
});
