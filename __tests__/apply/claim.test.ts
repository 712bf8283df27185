import { describe, expect, test } from '@jest/globals';
import { claimStart, type ClaimContext } from '../../src/apply/claim.ts';
import type { Aws, ExecutionStatus, ExecutionSummary } from '../../src/aws/types.ts';
import type { Plan, Registration } from '../../src/plan/types.ts';
import { fakeClock } from '../fakes/clock.ts';
import { memoryObjects } from '../fakes/objects.ts';

const PLAN = {
  fingerprint: 'f'.repeat(64),
  claims: { bucket: 'bucket', key: 'loc/claims' },
  pipeline: { name: 'pipe' },
} as unknown as Plan;
const MISSING = [{ region: 'NA', fingerprint: 'a'.repeat(64) }] as unknown as readonly Registration[];

function world() {
  const executions: ExecutionSummary[] = [];
  const clock = fakeClock(1_000_000);
  const objects = memoryObjects();
  const aws = { objects, pipelines: { recent: () => Promise.resolve(executions) } } as unknown as Aws;
  const endedBefore = new Set<string>();
  const context: ClaimContext = {
    aws,
    clock,
    runUrl: 'https://github.com/o/r/actions/runs/1',
    log: () => undefined,
    cancelled: new AbortController().signal,
    deadlineMs: 1_000_000 + 3_600_000,
    endedBefore,
  };
  const start = (displayName: string, status: ExecutionStatus) =>
    executions.push({ arn: `arn:${displayName}`, displayName, description: '', status });
  return { clock, context, endedBefore, executions, objects, start };
}

async function claimed(context: ClaimContext) {
  const result = await claimStart(PLAN, MISSING, context);
  if (result.kind !== 'claimed') throw new Error('expected a claim');
  return result.claim;
}

describe('claimStart', () => {
  test('gives the first one the claim, with a display name that begins with the package fingerprint', async () => {
    const { context } = world();
    const claim = await claimed(context);
    expect(claim.displayName).toMatch(/^f{12}-[0-9a-f]{12}-1$/);
    expect(claim.token).toMatch(/^[0-9a-f]{64}$/);
    expect(claim.generation).toBe(1);
  });

  test('attaches the second one to the execution of the first', async () => {
    const { context, start } = world();
    const first = await claimed(context);
    start(first.displayName, 'Executing');
    expect(await claimStart(PLAN, MISSING, context)).toEqual({
      kind: 'attached',
      executionArn: `arn:${first.displayName}`,
      description: '',
    });
  });

  test('waits for a winner that has not started yet', async () => {
    const { clock, context, start } = world();
    const first = await claimed(context);
    clock.at(clock.nowMs() + 5_000, () => start(first.displayName, 'Executing'));
    expect(await claimStart(PLAN, MISSING, context)).toMatchObject({ kind: 'attached' });
    expect(clock.nowMs()).toBeLessThan(1_010_000);
  });

  test.each(['Succeeded', 'Failed', 'Stopped'] as const)(
    'takes over when the execution was known to be %s',
    async (status) => {
      const { context, endedBefore, start } = world();
      const { displayName } = await claimed(context);
      start(displayName, status);
      endedBefore.add(`arn:${displayName}`);
      const next = await claimed(context);
      expect([next.generation, next.displayName.endsWith('-2')]).toEqual([2, true]);
    },
  );

  test.each(['Succeeded', 'Failed', 'Stopped', 'Stopping'] as const)(
    'does not repeat an execution that is %s since we looked back: it may have registered',
    async (status) => {
      const { context, start } = world();
      start((await claimed(context)).displayName, status);
      expect(await claimStart(PLAN, MISSING, context)).toMatchObject({ kind: 'attached' });
    },
  );

  test('knows its own claim when the answer to the write was lost', async () => {
    const { context, objects } = world();
    const put: typeof objects.put = async (...request) => {
      await objects.put(...request);
      return { kind: 'exists' };
    };
    const claim = await claimed({ ...context, aws: { ...context.aws, objects: { ...objects, put } } });
    expect([claim.generation, claim.etag]).toEqual([1, (await objects.readText(claim.location))?.etag]);
  });

  test('waits for nobody once the workflow is cancelled', async () => {
    const { clock, context } = world();
    await claimed(context);
    const cancel = new AbortController();
    clock.at(clock.nowMs() + 3_000, () => cancel.abort());
    await expect(claimStart(PLAN, MISSING, { ...context, cancelled: cancel.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(clock.nowMs()).toBeLessThanOrEqual(1_003_000);
  });

  test('takes over a claim without an execution after two minutes', async () => {
    const { clock, context } = world();
    const first = await claimed(context);
    const second = await claimed(context);
    expect([second.generation, clock.nowMs() - 1_000_000 >= 120_000]).toEqual([2, true]);
    expect(second.token).not.toBe(first.token);
  });

  test('lets only one of many claim, however many come at the same time', async () => {
    const { context, start } = world();
    const results = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const result = await claimStart(PLAN, MISSING, context);
        if (result.kind === 'claimed') start(result.claim.displayName, 'Executing');
        return result.kind;
      }),
    );
    expect(results.filter((kind) => kind === 'claimed')).toHaveLength(1);
  });
});
