import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { errorKind } from '../../src/aws/errors.ts';
import { allPages } from '../../src/aws/sdk/call.ts';
import { limitTime, requestLimitMs } from '../../src/aws/sdk/clients.ts';

describe('the time of a request', () => {
  test.each([
    ['a small one', {}, 3_600_000, 100_000],
    ['a part of a file', { Range: 'bytes=0-1' }, 3_600_000, 600_000],
    ['one near the deadline of the run', {}, 45_000, 45_000],
    ['one that tells how a late run ended', { Body: '' }, -5_000, 30_000],
    ['one long after that', { Range: '' }, -80_000, 10_000],
    ['one so late that nothing waits for it any more', {}, -90_001, 0],
    ['a further page near the deadline', { NextToken: 'a' }, 5_000, 5_000],
    ['a further page after the deadline', { ContinuationToken: 'a' }, -5_000, 0],
    ['a first page after the deadline', { NextToken: undefined }, -5_000, 30_000],
    ['one of a run whose minutes are a fraction, in whole milliseconds', {}, 66_666.6, 66_667],
    ['one of a run without a deadline', {}, Number.POSITIVE_INFINITY, 100_000],
  ])('is limited: %s', (_what, input, leftMs, expected) => {
    expect(requestLimitMs(input, leftMs)).toBe(expected);
  });
});

describe('pages', () => {
  const page = (items: readonly number[], next?: string) => Promise.resolve({ items, next });

  test('are read to the last', async () => {
    expect(await allPages((token) => (token === undefined ? page([1], 'a') : page([2])))).toEqual([1, 2]);
  });

  test('end where a token is empty', async () => {
    expect(await allPages(() => page([1], ''))).toEqual([1]);
  });

  test('are no answer of AWS where a token comes twice', async () => {
    await expect(allPages((token) => page([], token === 'a' ? 'b' : 'a'))).rejects.toThrow('twice');
  });

  test('are no answer of AWS where they never end', async () => {
    let count = 0;
    await expect(allPages(() => page([], String((count += 1))))).rejects.toThrow('more than 100 pages');
  });
});

describe('a request of a cancelled run', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  type Send = (command: object, options?: { readonly abortSignal: AbortSignal }) => Promise<unknown>;
  const client = (send: Send, cancelled: AbortSignal) => {
    const limited = limitTime({ send, middlewareStack: {} }, { cancelled });
    return (input: object) => (limited.send as Send)({ input });
  };

  /** A client that never answers; what becomes of each request, in order. */
  function silentClient(run: AbortController, input: object = {}) {
    const signals: (AbortSignal | undefined)[] = [];
    const send: Send = (_command, options) => {
      signals.push(options?.abortSignal);
      return new Promise<never>(() => undefined);
    };
    const ask = client(send, run.signal);
    const ends: string[] = [];
    const askOnce = async () => {
      const mark = ends.push('') - 1;
      await ask(input).catch((thrown: unknown) => {
        ends[mark] = errorKind(thrown);
      });
    };
    return { ends, signals, ask: () => void askOnce() };
  }

  test('ends four seconds later, and one of afterwards soon enough to be told', async () => {
    const run = new AbortController();
    const { ends, signals, ask } = silentClient(run);
    ask();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(ends).toEqual(['']);
    run.abort();
    ask();
    await jest.advanceTimersByTimeAsync(3_999);
    expect(ends).toEqual(['', '']);
    await jest.advanceTimersByTimeAsync(1);
    expect(ends).toEqual(['cancelled', '']);
    await jest.advanceTimersByTimeAsync(3_500);
    expect(ends).toEqual(['cancelled', 'cancelled']);
    ask();
    await jest.advanceTimersByTimeAsync(0);
    expect(ends).toEqual(['cancelled', 'cancelled', 'cancelled']);
    // The last one was not even sent, and those before it were ended.
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]);
  });

  test('has the time of its run, however late its client is made', async () => {
    const run = new AbortController();
    silentClient(run);
    run.abort();
    await jest.advanceTimersByTimeAsync(5_000);
    const { ends, ask } = silentClient(run);
    ask();
    await jest.advanceTimersByTimeAsync(2_500);
    expect(ends).toEqual(['cancelled']);
  });

  test.each(['Range', 'PartNumber'])(
    'that carries a part of a file (%s) is not begun after four seconds',
    async (member) => {
      const run = new AbortController();
      const { ends, ask } = silentClient(run, { [member]: 1 });
      run.abort();
      ask();
      await jest.advanceTimersByTimeAsync(4_000);
      ask();
      await jest.advanceTimersByTimeAsync(0);
      expect(ends).toEqual(['cancelled', 'cancelled']);
    },
  );

  test('is given up in the middle of its body, as cancelled', async () => {
    const run = new AbortController();
    const body = new Readable({ read: () => undefined });
    const ask = client(() => Promise.resolve({ Body: body }), run.signal);
    await ask({});
    const read = body.toArray().catch(errorKind);
    run.abort();
    await jest.advanceTimersByTimeAsync(4_000);
    expect(await read).toBe('cancelled');
  });
});
