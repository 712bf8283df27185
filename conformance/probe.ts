import type { Account } from './account.ts';
import type { Need } from './options.ts';
import type { Answer, Json } from './outcome.ts';

/** A probe is data: a question to AWS, what we assumed, how it is asked, and how an answer is judged. */

export type Verdict = 'holds' | 'contradicted' | 'unknown';

export interface Probe {
  readonly id: string;
  readonly question: string;
  /** Why the answer matters. */
  readonly matters: string;
  /** Where the answer can decide nothing: why. */
  readonly undecided?: string;
  /** What our code relies on. */
  readonly assumed: string;
  /** Where that stands: `answers: <heading of docs/aws-answers.md>` or `design: <section of docs/design.md>`. */
  readonly source: string;
  readonly needs?: readonly Need[];
  /** The jobs that it has started, by name: those of one name are one job, whoever asks for it first. */
  readonly jobs?: readonly string[];
  /** The API operations whose answers decide, as `service:Operation`. */
  readonly calls: readonly string[];
  /** The embedded AWS has no containers: what an image holds is not its to know. */
  readonly aboutImage?: true;
  ask(account: Account): Promise<Answer>;
  judge(answer: Answer): Verdict;
}

export type Judge = Probe['judge'];

/** Holds where the answer has all members of one of the given ones; what else it holds is not looked at. */
export function oneOf(...expected: readonly Answer[]): Judge {
  return (answer) => (expected.some((one) => covers(answer, one)) ? 'holds' : 'contradicted');
}

function covers(answer: Answer, expected: Answer): boolean {
  return Object.entries(expected).every(([name, value]) => sameJson(answer[name] ?? null, value));
}

export function sameJson(left: Json, right: Json): boolean {
  return canonical(left) === canonical(right);
}

function canonical(value: Json): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
