import { describe, expect, test } from '@jest/globals';
import { claimStart, type ClaimContext, releaseClaim } from '../../src/apply/claim.ts';
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
  const pipelines = { recent: () => Promise.resolve(executions) };
  const aws = { objects, pipelines, requestsMade: () => 0 } as unknown as Aws;
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

describe('a stored claim', () => {
  /** Objects whose answers tell how old the claim is, by the clock of S3. */
  function aged(given: ReturnType<typeof world>, ageMs: number | undefined): ClaimContext {
    const { context, objects } = given;
    const readText: typeof objects.readText = async (location) => {
      const stored = await objects.readText(location);
      return stored && { ...stored, ageMs };
    };
    return { ...context, aws: { ...context.aws, objects: { ...objects, readText } } };
  }

  test.each([
    ['two minutes old by the clock of S3', 120_000],
    ['from further in the future than two machines differ', -61_000],
  ])('is taken over at once where it is %s', async (_when, ageMs) => {
    const given = world();
    await claimed(given.context);
    const second = await claimed(aged(given, ageMs));
    expect([second.generation, given.clock.nowMs()]).toEqual([2, 1_000_000]);
  });

  test.each([
    ['a runner whose clock is a year behind', '2025-01-01T00:00:00Z'],
    ['a runner whose clock is a year ahead', '2099-01-01T00:00:00Z'],
  ])('holds whatever it says of its time: %s', async (_whose, claimedAt) => {
    const given = world();
    const first = await claimed(given.context);
    const { text = '', etag = '' } = (await given.objects.readText(first.location)) ?? {};
    const body = JSON.stringify({ ...(JSON.parse(text) as object), claimed_at: claimedAt });
    await given.objects.put(first.location, Buffer.from(body), { condition: { kind: 'etag', etag } });
    await claimed(aged(given, 5_000));
    expect(given.clock.nowMs() - 1_000_000).toBeGreaterThanOrEqual(120_000);
  });

  test.each([
    ['corrupt', '{"generation":'],
    ['a list', '[]'],
    ['without a generation', '{}'],
    ['of no whole generation', '{"generation": 1.5}'],
    ['of generation 0', '{"generation": 0}'],
    ['of a generation beyond counting', '{"generation": 9007199254740991}'],
    ['of a generation in words', '{"generation": "2"}'],
    ['polluting', '{"__proto__": {"generation": 7}}'],
  ])('holds nobody up where it is %s, and no name is used twice', async (_what, body) => {
    const { context, endedBefore, objects, start } = world();
    const first = await claimed(context);
    for (const generation of [1, 2]) {
      const name = first.displayName.replace(/1$/, String(generation));
      start(name, 'Failed');
      endedBefore.add(`arn:${name}`);
    }
    await objects.put(first.location, Buffer.from(body), { condition: { kind: 'always' } });
    expect((await claimed(context)).generation).toBe(3);
  });

  test('that nobody takes over ends the wait at the deadline of the run, with a sentence', async () => {
    const given = world();
    const { context, objects } = given;
    await claimed(context);
    const put: typeof objects.put = () => Promise.resolve({ kind: 'exists' });
    const stuck = { ...context, aws: { ...context.aws, objects: { ...objects, put } } };
    await expect(claimStart(PLAN, MISSING, stuck)).rejects.toMatchObject({
      code: 'timed-out',
      message: expect.stringContaining('waiting for another job'),
    });
    expect(given.clock.nowMs()).toBe(1_000_000 + 3_600_000);
    // After five minutes at most two looks of two requests a minute.
    expect(given.clock.slept.filter((ms) => ms < 30_000).length).toBeLessThanOrEqual(30 + 24 + 1);
  });

  test('that was given back is taken over at once', async () => {
    const { clock, context } = world();
    await releaseClaim(await claimed(context), context.aws);
    expect([(await claimed(context)).generation, clock.nowMs()]).toEqual([2, 1_000_000]);
  });
});
