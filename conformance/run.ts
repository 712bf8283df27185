import type { Account } from './account.ts';
import type { Need, Options } from './options.ts';
import { type Answer, Denied, NotOffered } from './outcome.ts';
import type { Probe, Verdict } from './probe.ts';

/** Asks the probes, several at a time, and judges what is answered. */

export type Result =
  | { readonly probe: Probe; readonly state: 'asked'; readonly answer: Answer; readonly verdict: Verdict }
  /** The caller did not ask for it. */
  | { readonly probe: Probe; readonly state: 'skipped'; readonly missing: readonly Need[] }
  /** Something came between. */
  | { readonly probe: Probe; readonly state: 'failed'; readonly reason: string };

/** Few enough for SageMaker's rates; executions take minutes, and most of that is waiting. */
const AT_ONCE = 4;

export function chosen(probes: readonly Probe[], { only }: Options): readonly Probe[] {
  return only === undefined ? probes : probes.filter(({ id }) => only.includes(id));
}

export function missingNeeds(probe: Probe, { allowed }: Options): readonly Need[] {
  return (probe.needs ?? []).filter((need) => !allowed.has(need));
}

/** In the order of the probes. Never rejects: what goes wrong with a probe is its result. */
export async function askAll(
  probes: readonly Probe[],
  account: Account,
  onResult: (result: Result) => void,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = [...probes.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, probe] = next;
      const result = await askOne(probe, account);
      results[index] = result;
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

async function askOne(probe: Probe, account: Account): Promise<Result> {
  const missing = missingNeeds(probe, account.options);
  if (missing.length > 0) return { probe, state: 'skipped', missing };
  if (account.signal.aborted) return { probe, state: 'failed', reason: 'The run was interrupted before.' };
  try {
    const answer = await probe.ask(account);
    return { probe, state: 'asked', answer, verdict: probe.judge(answer) };
  } catch (error) {
    if (error instanceof NotOffered) {
      return { probe, state: 'asked', answer: { notOffered: true, said: error.message }, verdict: 'unknown' };
    }
    return { probe, state: 'failed', reason: reasonOf(error, account) };
  }
}

function reasonOf(error: unknown, account: Account): string {
  if (account.signal.aborted) return 'The run was interrupted.';
  const said = error instanceof Error ? error.message || error.name : String(error);
  return error instanceof Denied ? `Not allowed, see docs/conformance.md for the policy: ${said}` : said;
}
