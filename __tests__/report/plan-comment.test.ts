import { describe, expect, test } from '@jest/globals';
import type { Comparison } from '../../src/compare/index.ts';
import { DeployError } from '../../src/core/errors.ts';
import { plannedJobs } from '../../src/plan/definition.ts';
import type { PartDiff } from '../../src/plan/diff.ts';
import type { Check } from '../../src/preflight/check.ts';
import { COMMENT_LENGTH, commentMarker, planComment } from '../../src/report/comment.ts';
import type { RunReport } from '../../src/report/record.ts';
import { HOSTILE_LINES } from '../core/text/hostile.ts';
import { examplePlan, REQUEST } from '../plan/fixture.ts';

const MARKER = commentMarker('p', 'c.json');
const CONTEXT = { provenance: REQUEST.provenance };

/** The end of plan mode, with what `compare` gives. */
async function planned(more: Partial<Comparison> = {}, checks: readonly Check[] = []): Promise<RunReport> {
  const plan = await examplePlan();
  const registrations = plan.registrations.map((registration) => ({ registration, state: 'to register' as const }));
  const uploads = plan.uploads.map((upload) => ({ upload, there: false }));
  const jobs = plannedJobs(plan.pipeline.definition);
  const nothing = { change: 'none', diff: [], jobs, problems: [] } as const;
  const comparison = { ...nothing, registrations, uploads, ...more };
  return {
    status: 'planned',
    pipeline: plan.pipeline.name,
    plan,
    comparison,
    checks,
    packages: [],
    steps: [],
    explanations: [],
    warnings: [],
    durationMs: 0,
  };
}

const changed = (count: number, value = 'x'): readonly PartDiff[] => [
  {
    part: 'PackagingStep',
    type: 'Processing',
    kind: 'changed',
    changes: Array.from({ length: count }, (_, index) => ({
      path: `Environment.V${index}`,
      old: value,
      new: `${value}2`,
    })),
  },
];

describe('the comment', () => {
  test('begins with its marker and says what would change, and that nothing was', async () => {
    expect(planComment(MARKER, await planned(), CONTEXT)).toMatchSnapshot();
  });

  test('shows failed checks and warnings, and counts the rest', async () => {
    const checks: readonly Check[] = [
      { name: 'model', result: 'failed', found: 'There is no object.', fix: 'Upload it.' },
      { name: 'disk', result: 'warning', found: 'Too small.' },
      { name: 'images', result: 'passed', found: 'fine' },
      { name: 'buckets', result: 'not-made', found: 'denied' },
    ];
    const error = new DeployError('model-missing', 'There is no object.');
    const failing = await planned({}, checks);
    const comment = planComment(MARKER, { ...failing, status: 'failed', error }, CONTEXT);
    expect(comment).toContain('## ❌ Plan: a deployment would fail (');
    expect(comment).toContain('Preflight: 1 of 4 passed, 1 failed, 1 with a warning, 1 not made.');
    expect(comment).toContain('- ❌ **model**: There is no object. Upload it.\n- ⚠️ **disk**: Too small.');
    expect(comment.split('There is no object.').length).toBe(2);
  });

  test.each([10, 200, 800, 3000, 100_000])('fits, and is whole, with %d changes', async (count) => {
    const comment = planComment(
      MARKER,
      await planned({ change: 'update', diff: changed(count, 'y'.repeat(60)) }),
      CONTEXT,
    );
    expect(comment.length).toBeLessThanOrEqual(COMMENT_LENGTH);
    expect([comment.startsWith(`${MARKER}\n`), comment.includes('Nothing was changed')]).toEqual([true, true]);
    expect(comment.split('```').length % 2).toBe(1);
    expect(comment.split('<details>').length).toBe(comment.split('</details>').length);
  });

  test.each(HOSTILE_LINES)('says %j without being changed by it', async (text) => {
    const check: Check = { name: 'model', result: 'warning', found: text, fix: text };
    const diff = [{ ...changed(1, text)[0], part: text } as PartDiff];
    const comment = planComment(MARKER, await planned({ change: 'update', diff, problems: [text] }, [check]), CONTEXT);
    const outside = comment.replace(/```diff\n[\s\S]*?\n```/, '');
    expect(outside).not.toMatch(/<(?!!-- bsm|\/?(?:details|summary|sub|code)>)/);
    expect(outside.replace(/<!--.*?-->/, '')).not.toMatch(/(?:^|[\s(])@\w|!\[|<!--/);
  });
});
