/** How a call ended: both ends are answers. */

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly status: number; readonly said: string };

/** Who was asked does not have the operation or the feature. The probe ran; its verdict is `unknown`. */
export class NotOffered extends Error {}

/** The caller may not ask. The probe did not run. */
export class Denied extends Error {}

const UNKNOWN_OPERATIONS = ['UnknownOperationException', 'UnknownOperation', 'InvalidAction'];

/** What a client threw in words of ours, where its own say nothing; undefined where they do. */
export function explained(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  if (UNKNOWN_OPERATIONS.includes(error.name)) return new NotOffered(error.message);
  if (!(error instanceof SyntaxError)) return undefined;
  const status = (error as Error & { $response?: { statusCode?: number } }).$response?.statusCode ?? 0;
  const told = `The call was answered by status ${status} with a page instead of JSON.`;
  return status === 404 || status === 501 ? new NotOffered(told) : new Error(told);
}

/**
 * @throws NotOffered, Denied; and whatever was thrown by something else than the service (a network that is down)
 */
export async function attempt<T>(call: Promise<T>): Promise<Outcome<T>> {
  const outcome = await attemptOpenly(call);
  if (!outcome.ok && isDenied(outcome)) throw new Denied(outcome.said);
  return outcome;
}

/** The same where "access denied" is an answer, too. */
export async function attemptOpenly<T>(call: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await call };
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    if (status === undefined) throw error;
    return { ok: false, code: name, status, said: message };
  }
}

function isDenied({ code, status }: { code: string; status: number }): boolean {
  return (
    /^AccessDenied|^Unauthorized|^ExpiredToken|^UnrecognizedClient|^InvalidClientToken/.test(code) || status === 401
  );
}

export function outcomeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'accepted' : outcome.code;
}

/** Outcome, status, and whether a refusal is worded in the way that our code looks for. */
export function worded(outcome: Outcome<unknown>, wording: RegExp): Answer {
  if (outcome.ok) return { outcome: 'accepted' };
  const { code, status, said } = outcome;
  return { outcome: code, status, words: wording.test(said) ? 'as assumed' : 'others', said };
}

/** For S3, whose HEAD answers have no code. */
export function statusOf(outcome: Outcome<unknown>): Answer {
  return outcome.ok ? { status: 200 } : { status: outcome.status, code: outcome.code, said: outcome.said };
}

/** What must work for the question to make sense. */
export function needed<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`${outcome.code}: ${outcome.said}`);
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * What AWS answered, reduced to what matters. `said` holds its own words: reported, but neither judged nor compared,
 * because words change.
 */
export type Answer = { readonly [name: string]: Json };
