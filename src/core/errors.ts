/** Where in a file a problem stands; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** One finding for the person who reads it. */
export interface Diagnostic {
  readonly message: string;
  readonly place?: Place;
}

/** What can end a run, as a closed union: docs/troubleshooting.md has a section for each. */
export const ERROR_CODES = [
  'input-invalid',
  'config-invalid',
  'config-missing',
  'model-missing',
  'bucket-missing',
  'bucket-region',
  'role-missing',
  'credentials-missing',
  'credentials-expired',
  'preflight-failed',
  'access-denied',
  'endpoint-unreachable',
  'aws-error',
  'source-missing',
  'plan-invalid',
  'registered-rejected',
  'not-registered',
  'plan-changed',
  'package-refused',
  'approval-incomplete',
  'pipeline-conflict',
  'execution-failed',
  'execution-stopped',
  'timed-out',
  'cancelled',
  'not-confirmed',
  'registration-mismatch',
  'model-changed',
  'object-archived',
  'load-test-failed',
  'load-test-error',
  'rehearsal-failed',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** The one error type that the parts of a run throw: what was found, what was expected, what to do. */
export class DeployError extends Error {
  readonly code: ErrorCode;
  /** What the reader can do about it; a sentence. */
  readonly advice: string;
  /** More diagnostics than the message itself, one annotation each. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'DeployError';
    this.code = code;
    this.advice = details.advice ?? '';
    this.diagnostics = details.diagnostics ?? [];
  }
}

export interface ErrorDetails {
  readonly advice?: string;
  readonly diagnostics?: readonly Diagnostic[];
  readonly cause?: unknown;
}

export function cancelledBeforeStart(): DeployError {
  return new DeployError('cancelled', 'The run was cancelled before the pipeline was started.', {
    advice: 'Nothing runs. Run again when it may go on.',
  });
}

export function lateBeforeStart(waitedFor: string): DeployError {
  return new DeployError(
    'timed-out',
    `timeout-minutes had passed before the pipeline was started, waiting for ${waitedFor}.`,
    {
      advice: 'Nothing was started by this run. Run again, with a larger timeout-minutes where that was too little.',
    },
  );
}

/** Whatever was thrown, as the error that a run reports. */
export function asDeployError(thrown: unknown): DeployError {
  if (thrown instanceof DeployError) return thrown;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new DeployError('internal', `Unexpected error: ${message}`, {
    advice:
      'This is a defect of the action. Run again with debug logging (secret ACTIONS_STEP_DEBUG=true, in a terminal --verbose) and report the stack.',
    cause: thrown,
  });
}

/** The stack with those of its causes, for the debug log. */
export function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\ncaused by ${stackOf(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}

/** What an attempt gave: its value, or why there is none. Preflight judges it; nothing is thrown. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: DeployError };

export async function resultOf<T>(work: Promise<T>): Promise<Result<T>> {
  return work.then(
    (value) => ({ ok: true, value }) as const,
    (thrown: unknown) => ({ ok: false, error: asDeployError(thrown) }) as const,
  );
}

/** undefined where it there is none. */
export function valueOf<T>(result: Result<T>): T | undefined {
  return result.ok ? result.value : undefined;
}
