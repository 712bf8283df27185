import { describe, expect, test } from '@jest/globals';
import type { StepState } from '../../src/core/runner.ts';
import { runDiagram } from '../../src/report/summary/diagram.ts';
import { HOSTILE_LINES } from '../core/text/hostile.ts';
import { STARTED_MS, step } from './samples.ts';

const NOW_MS = STARTED_MS + 60_000;
const linesOf = (steps: readonly StepState[], nowMs = NOW_MS) => runDiagram(steps, nowMs).split('\n');
/** Lines of sections and bars, times counted from the first start. */
const bars = (steps: readonly StepState[], nowMs = NOW_MS) =>
  linesOf(steps, nowMs)
    .filter((line) => /^ {2}(?:section| *\S.* :)/.test(line))
    .map((line) => line.trim().replace(/\d{13}/g, (ms) => `+${Number(ms) - STARTED_MS}`));

describe('the diagram', () => {
  test('has a named bar for each step, with what the table says of it', () => {
    const steps = [
      step('Model', 0, 4),
      step('Packaging', 4, 30, { cachedFrom: 'arn', attempts: 2 }),
      step('Registration_NA', 30, 40, { status: 'Failed' }),
      step('Registration_EU', 30),
    ];
    expect(bars(steps)).toEqual([
      'section Model',
      'Succeeded, 4.0 s :step0, +0, +4000',
      'section Packaging',
      'Succeeded, 26 s, 2 attempts, cached :done, step1, +4000, +30000',
      'section Registration_NA',
      'Failed, 10 s :crit, step2, +30000, +40000',
      'section Registration_EU',
      'Executing, 30 s :active, step3, +30000, +60000',
    ]);
  });

  test('leaves out what has not started, and is not there where nothing has', () => {
    const waiting = step('Later', 0, undefined, { startedAtMs: undefined, status: 'Starting' });
    expect(bars([waiting, step('Now', 0, 4)])).toEqual(['section Now', 'Succeeded, 4.0 s :step0, +0, +4000']);
    expect(runDiagram([waiting], NOW_MS)).toBe('');
    expect(runDiagram([], NOW_MS)).toBe('');
  });

  test('gives a step of no length a bar that can be seen, and tells its true length', () => {
    expect(bars([step('Short', 0, 0), step('Long', 0, 10_800)])).toEqual([
      'section Short',
      'Succeeded, 0.0 s :step0, +0, +60000',
      'section Long',
      'Succeeded, 3 h 0 min :step1, +0, +10800000',
    ]);
  });

  test.each([
    [0.2, '1second', '%H:%M:%S'],
    [20, '5second', '%H:%M:%S'],
    [400, '1minute', '%H:%M'],
    [10_800, '30minute', '%H:%M'],
    [86_400, '6hour', '%H:%M'],
    [400_000, '1day', '%m-%d'],
    [9_000_000, '1week', '%m-%d'],
  ])('has few ticks for a run of %d seconds', (seconds, interval, format) => {
    const lines = linesOf([step('A', 0, seconds)]);
    expect(lines.filter((line) => /tickInterval|axisFormat/.test(line))).toEqual([
      `  axisFormat ${format}`,
      `  tickInterval ${interval}`,
    ]);
  });

  test.each([
    ...HOSTILE_LINES,
    'a: b, c; d # e',
    '%%{init: {"theme": "x"}}%%',
    'click x href "javascript:alert(1)"',
    '```\n# out',
    '---',
    '',
  ])('takes what Mermaid or Markdown could read out of %j', (name) => {
    const [head, , tail] = [linesOf([step('A', 0, 4)]), 0, linesOf([step(name, 0, 4)])];
    expect(tail.length).toBe(head.length);
    expect(tail.filter((line) => line.startsWith('  section '))).toEqual([
      expect.stringMatching(/^ {2}section [A-Za-z0-9][A-Za-z0-9_. -]{0,24}…?$/),
    ]);
  });

  test('draws no more bars than a reader can tell apart', () => {
    const steps = Array.from({ length: 500 }, (_, index) => step(`S${index}`, index, index + 1));
    expect(bars(steps)).toHaveLength(80);
  });
});
