/** Concurrent users who ask an endpoint, and what their answers say of it. */
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** So many users come to an endpoint, over so much time. */
export type Stage = { readonly users: number; readonly durationMs: number };

export type Payload = { readonly path: string; readonly contentType: string };

export type Limits = {
  readonly maxInvocationsPerMinute?: number;
  readonly percentile: number;
  readonly maxLatencyMs?: number;
  /** Ends the test when more users bring no more invocations. */
  readonly stopsWhenFlat: boolean;
};

export type Measured = {
  readonly invocationsPerMinute: number;
  readonly latencyMs: number;
  /** How the first invocation failed, where none succeeded. */
  readonly failure?: string;
};

type Invocation = { readonly endedMs: number; readonly tookMs: number };

type Load = {
  readonly port: number;
  readonly payloads: readonly Payload[];
  readonly accept: string;
  readonly stages: readonly Stage[];
  readonly limits: Limits;
  readonly signal: AbortSignal;
};

/** More connections than this tell nothing of a model on one machine. */
const mostUsers = 64;

/** An endpoint counts as flat when further users bring less than this more. */
const flatGrowth = 1.05;

/** An answer that takes longer is counted as none: SageMaker ends an invocation after 60 seconds. */
const longestInvocationMs = 60_000;

/** Loads the endpoint stage by stage until the last has passed, or a limit is reached. */
export async function loadEndpoint(load: Load): Promise<Measured> {
  const ending = new AbortController();
  const signal = AbortSignal.any([load.signal, ending.signal]);
  const seen: Seen = { done: [], failures: [] };
  const bodies = await Promise.all(
    load.payloads.map(async ({ path, contentType }) => ({ body: await readFile(path), contentType })),
  );
  const users: Promise<void>[] = [];
  const startedMs = performance.now();
  try {
    let best: Measured | undefined;
    let before: Stage | undefined;
    for (const stage of load.stages) {
      while (users.length < Math.min(stage.users, mostUsers)) users.push(visit({ ...load, signal }, bodies, seen));
      const fromMs = performance.now();
      await sleep(stage.durationMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      const measured = measure(seen.done, fromMs, load.limits.percentile);
      const grown = before !== undefined && stage.users > before.users;
      if (reachesLimit(measured, grown ? best : undefined, load.limits)) {
        best = faster(best, measured);
        break;
      }
      best = faster(best, measured);
      before = stage;
    }
    if (best !== undefined && best.invocationsPerMinute > 0) return best;
    await firstAnswer(seen, signal);
    if (seen.done.length > 0) return measure(seen.done, startedMs, load.limits.percentile);
    return { invocationsPerMinute: 0, latencyMs: 0, failure: seen.failures[0] ?? 'no answer came in 60 seconds' };
  } finally {
    ending.abort();
    await Promise.all(users);
  }
}

type Seen = { readonly done: Invocation[]; readonly failures: string[] };

type Body = { readonly body: Buffer; readonly contentType: string };

/** One user: the payloads one after another, until the test ends. */
async function visit(load: Load, bodies: readonly Body[], seen: Seen): Promise<void> {
  for (let at = 0; !load.signal.aborted; at += 1) {
    const payload = bodies[at % bodies.length];
    if (payload === undefined) return;
    const startedMs = performance.now();
    const failure = await invoke(load, payload);
    const endedMs = performance.now();
    if (failure === undefined) seen.done.push({ endedMs, tookMs: endedMs - startedMs });
    else if (!load.signal.aborted) seen.failures.push(failure);
    // A container that refuses at once must not turn this into a busy loop.
    if (failure !== undefined) await sleep(20, undefined, { signal: load.signal }).catch(() => undefined);
  }
}

/** A model may be slower than all stages together: its first answer is still worth waiting for. */
async function firstAnswer({ done, failures }: Seen, signal: AbortSignal): Promise<void> {
  const endMs = performance.now() + longestInvocationMs;
  while (done.length + failures.length === 0 && performance.now() < endMs && !signal.aborted) {
    await sleep(20, undefined, { signal }).catch(() => undefined);
  }
}

function faster(one: Measured | undefined, other: Measured): Measured {
  return one === undefined || other.invocationsPerMinute > one.invocationsPerMinute ? other : one;
}

function measure(done: readonly Invocation[], fromMs: number, percentile: number): Measured {
  const took = done
    .filter(({ endedMs }) => endedMs >= fromMs)
    .map(({ tookMs }) => tookMs)
    .sort((a, b) => a - b);
  const at = Math.max(0, Math.ceil((percentile / 100) * took.length) - 1);
  return {
    invocationsPerMinute: Math.round((took.length * 60_000) / (performance.now() - fromMs)),
    latencyMs: Math.ceil(took[at] ?? 0),
  };
}

function reachesLimit(measured: Measured, best: Measured | undefined, limits: Limits): boolean {
  const { maxInvocationsPerMinute = Number.POSITIVE_INFINITY, maxLatencyMs = Number.POSITIVE_INFINITY } = limits;
  if (measured.invocationsPerMinute >= maxInvocationsPerMinute || measured.latencyMs > maxLatencyMs) return true;
  const flat = best !== undefined && measured.invocationsPerMinute < best.invocationsPerMinute * flatGrowth;
  return limits.stopsWhenFlat && flat;
}

/** @returns why it failed, or undefined */
function invoke(load: Load, payload: Body): Promise<string | undefined> {
  return new Promise((settle) => {
    const headers = { 'content-type': payload.contentType, accept: load.accept, 'content-length': payload.body.length };
    // A connection for each invocation: workers that share a port share users that way, too.
    const options = {
      host: '127.0.0.1',
      port: load.port,
      path: '/invocations',
      method: 'POST',
      agent: false,
      signal: load.signal,
    };
    const call = request({ ...options, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        if (text.length < 200) text += chunk;
      });
      answer.on('error', (error) => settle(error.message));
      answer.on('end', () =>
        settle(answer.statusCode === 200 ? undefined : `${answer.statusCode}: ${text.slice(0, 200)}`),
      );
    });
    call.on('error', (error) => settle(error.message));
    call.end(payload.body);
  });
}
