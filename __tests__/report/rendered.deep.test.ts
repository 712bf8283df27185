import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DeployError } from '../../src/core/errors.ts';
import type { StepState } from '../../src/core/runner.ts';
import type { RunReport } from '../../src/report/record.ts';
import { summaryMarkdown } from '../../src/report/summary/index.ts';
import { HOSTILE_LINES } from '../core/text/hostile.ts';
import { ROOT } from '../harness/run-action.ts';
import { type Browser, findChromium, openBrowser, type Rendered } from './browser.ts';
import { explanation, failed, STARTED_MS, step, succeeded } from './samples.ts';

const chromium = findChromium();
if (chromium === undefined) console.warn('SKIPPED: there is no Chromium (PATH, BSM_CHROMIUM) to render the summary.');

/** BSM_KEEP_PICTURES=1 writes the pictures of docs/ anew; otherwise they go where git does not look. */
const PICTURES = join(ROOT, process.env['BSM_KEEP_PICTURES'] === '1' ? 'docs/images' : '.cache/pictures');

const OWN_LINKS = /^https:\/\/(?:github\.com\/org\/models|[a-z]+-[a-z]+-\d\.console\.aws\.amazon\.com\/)/;
const OWN_ELEMENTS = new Set(
  'a br code details div em h2 h3 li p pre strong summary table tbody td th thead tr ul'.split(' '),
);

/** What must hold of every summary, whatever is in it. */
const faults = ({ diagrams, elements, links, overflowPixels, openDetails }: Rendered) => ({
  links: links.filter((link) => !OWN_LINKS.test(link)),
  elements: elements.filter((name) => !OWN_ELEMENTS.has(name)),
  overflowPixels,
  openDetails,
  diagrams: diagrams.filter(
    (diagram) => !diagram.drawn || diagram.narrow + diagram.overlapping + diagram.outOfBounds.length > 0,
  ),
});
const NO_FAULTS = { links: [], elements: [], overflowPixels: 0, openDetails: 0, diagrams: [] };

(chromium === undefined ? describe.skip : describe)('in a browser, with the style of GitHub and Mermaid,', () => {
  let browser: Browser;
  const render = (result: RunReport, nowMs = STARTED_MS + 800_000) => browser.render(summaryMarkdown(result, nowMs));

  beforeAll(async () => {
    browser = await openBrowser(chromium ?? '');
    mkdirSync(PICTURES, { recursive: true });
  });
  afterAll(() => browser.close());

  const picture = async (name: string) => {
    const path = join(PICTURES, name);
    await browser.picture(path);
    return statSync(path).size;
  };

  test('a good summary shows its tables and a diagram of the same steps', async () => {
    const result = await succeeded();
    const seen = await render(result);
    expect(faults(seen)).toEqual(NO_FAULTS);
    expect(seen.scrolling).toEqual([]);
    expect(seen.headings).toEqual([
      '✅ Registered: bsm-team-BSM-RnR-NA',
      'Model packages',
      'Load test',
      'Steps',
      'Package',
      'Preflight',
      'Run',
    ]);
    expect(seen.tables.map(({ rows }) => rows.length)).toEqual([3, 5, 4, 4, 2, 1, 4, 9]);
    expect(seen.tables[2]?.rows[1]).toEqual([
      'PackagingStep',
      'Succeeded',
      '6 min 41 s',
      '2',
      '',
      '+2.4 s',
      'job, log',
    ]);
    expect(seen.diagrams[0]).toMatchObject({
      names: result.steps.map(({ name }) => name),
      labels: ['Succeeded, 2.1 s', 'Succeeded, 6 min 41 s, 2 attempts', 'Succeeded, 1.5 s', 'Succeeded, 5 min 19 s'],
    });
    expect(await picture('summary.png')).toBeGreaterThan(20_000);
  });

  test('a failed run shows its cause first, and its log open', async () => {
    const seen = await render(await failed());
    expect(faults(seen)).toEqual(NO_FAULTS);
    expect(seen.scrolling).toEqual([]);
    expect(seen.alerts).toEqual([expect.stringMatching(/^Caution\s+PackagingStep failed: The packaged model/)]);
    expect(seen.blocks[0]).toContain('\n  File "/opt/ml/model/code/inference.py", line 41, in predict_fn\n');
    expect(seen.diagrams[0]?.classes[1]).toMatch(/crit/);
    expect(await picture('summary-failed.png')).toBeGreaterThan(20_000);
  });

  test('a rehearsal is marked as one and has no link to the console', async () => {
    const seen = await render({ ...(await failed()), rehearsal: true });
    expect(faults(seen)).toEqual(NO_FAULTS);
    expect(seen.alerts[0]).toMatch(/^Important\s+This was a rehearsal/);
    expect(seen.links.filter((link) => link.includes('console'))).toEqual([]);
  });

  const LONG = 'Registration_of_a_model_with_a_name_of_sixty-four_characters_EU';
  test.each<[string, number, readonly StepState[]]>([
    ['a run of a second', 1, [step('A', 0, 0), step('B', 0, 0.4, { cachedFrom: 'arn' }), step('C', 0.4, 1)]],
    [
      'three hours with very short steps',
      10_800,
      [step('A', 0, 1), step('B', 1, 1.2, { cachedFrom: 'arn' }), step('C', 2, 10_797), step('D', 10_798, 10_800)],
    ],
    ['a step that is running', 300, [step('A', 0, 2), step('B', 2)]],
    ['one step', 40, [step('A', 0, 40)]],
    [
      'bars that are too short for their text',
      1000,
      [0, 150, 300, 450, 600, 750, 850].map((at) =>
        step(LONG, at, at + 150, { attempts: 12, cachedFrom: 'arn', status: 'Failed' }),
      ),
    ],
    [
      'every status',
      600,
      (['Stopping', 'Stopped', 'Failed', 'Starting'] as const).map((status, index) =>
        step(`S${index}`, index * 100, undefined, { status }),
      ),
    ],
    ['many steps', 3000, Array.from({ length: 40 }, (_, index) => step(`S${index}`, index * 70, index * 70 + 100))],
  ])('the diagram of %s is legible', async (_what, seconds, steps) => {
    const seen = await render({ ...(await succeeded()), steps }, STARTED_MS + seconds * 1000);
    expect(faults(seen)).toEqual(NO_FAULTS);
    expect([seen.diagrams[0]?.bars, seen.diagrams[0]?.labels.length]).toEqual([steps.length, steps.length]);
    expect(seen.diagrams[0]?.ticks.length).toBeLessThan(10);
  });

  test('hostile text makes no element, link, row or bar of its own', async () => {
    const good = await failed();
    const hostile = [
      ...HOSTILE_LINES,
      '$\\href{javascript:alert(1)}{x}$',
      '<img src=x onerror=alert(1)>',
      'a: b; c # d',
    ];
    const text = hostile.join('\n');
    const result: RunReport = {
      ...good,
      packages: [{ ...(await succeeded()).packages[0]!, approval: 'Approved', group: text, arn: text }],
      error: new DeployError('execution-failed', text, { advice: text }),
      explanations: [explanation({ step: text, reason: text, exitMessage: text, logProblem: text, logTail: hostile })],
      warnings: hostile,
      checks: hostile.map((found) => ({ name: 'model', result: 'warning', found, fix: found, cost: found })),
      steps: hostile.map((name, index) => step(name, index, index + 1)),
      packageReport: {
        sha256: 'a'.repeat(64),
        sizeBytes: 1,
        way: text,
        verification: { status: text, reason: text, payloads: [{ file: text, medianMs: 1 }], warnings: [] },
      },
      origin: {
        provenance: { commit: text, ref: text, runUrl: text, repository: text },
        releaseTag: text,
        actor: text,
      },
    };
    const seen = await render(result);
    expect(faults(seen)).toEqual(NO_FAULTS);
    expect(seen.tables.map(({ rows }) => rows.length)).toEqual([1, hostile.length, 4, 1, hostile.length, 9]);
    expect(seen.diagrams[0]?.bars).toBe(hostile.length);
    expect(seen.diagrams[0]?.elements.filter((name) => ['a', 'script', 'img', 'foreignObject'].includes(name))).toEqual(
      [],
    );
    expect(seen.blocks[0]).toContain('</details><script>alert(1)</script>');
  });
});

test.each(['summary.png', 'summary-failed.png'])('the picture %s in the documentation loads fast', (name) => {
  expect(statSync(join(ROOT, 'docs/images', name)).size).toBeLessThan(260_000);
});
