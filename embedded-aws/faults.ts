/** Faults that tests order: this call of that operation goes wrong in this way. */

const FAULT_KINDS = [
  'throttling',
  'conflict',
  'server-error',
  'connection-reset',
  'slow',
  'drip',
  'garbage',
  'empty',
  'access-denied',
  'expired-credentials',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** As `Fault.service`: the calls that the steps of an execution make inside the embedded SageMaker, not over HTTP. */
export const STEPS = 'steps';

export interface Fault {
  /** `s3`, `sagemaker`, `logs`, `sts`, all of them where it is left out; or `steps`. */
  readonly service?: string;
  /** As the API names it (`PutObject`), or `*` for every operation; then `call` counts all of them together. */
  readonly operation: string;
  /** 1-based, counted since the faults were last set. */
  readonly call: number | 'every';
  readonly fault: FaultKind;
  /** How late a `slow` answer is, and how late each byte of a `drip` is; 1000 where it is left out. */
  readonly delayMs?: number;
  /** The operation is carried out first, and the client does not learn of it. */
  readonly after?: boolean;
}

export interface FaultPlan {
  set(faults: readonly Fault[]): void;
  /** Counts the call, and says its number and what is to happen to it. */
  next(service: string, operation: string): { callNumber: number; fault?: Fault };
}

export function createFaultPlan(initial: readonly Fault[]): FaultPlan {
  let faults = initial;
  let counts = new Map<string, number>();
  const count = (name: string): number => {
    const next = (counts.get(name) ?? 0) + 1;
    counts.set(name, next);
    return next;
  };
  return {
    set(next) {
      faults = next;
      counts = new Map();
    },
    next(service, operation) {
      const callNumber = count(`${service} ${operation}`);
      const ofService = count(`${service} *`);
      const numbers = { callNumber, ofService, ofAll: service === STEPS ? 0 : count('*') };
      const fault = faults.find((candidate) => strikes(candidate, { service, operation, ...numbers }));
      return fault === undefined ? { callNumber } : { callNumber, fault };
    },
  };
}

function strikes(
  fault: Fault,
  call: { service: string; operation: string; callNumber: number; ofService: number; ofAll: number },
): boolean {
  if (fault.service === undefined ? call.service === STEPS : fault.service !== call.service) return false;
  if (fault.operation !== '*' && fault.operation !== call.operation) return false;
  if (fault.call === 'every') return true;
  const ofEverything = fault.service === undefined ? call.ofAll : call.ofService;
  return fault.call === (fault.operation === '*' ? ofEverything : call.callNumber);
}

/**
 * Reads faults from JSON text (a file, or the body of `PUT /_embedded/faults`).
 * @throws Error that names the entry and what is wrong with it
 */
export function parseFaults(text: string): Fault[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new Error(`Faults must be a JSON list; found ${typeof value}.`);
  return value.map((entry: unknown, index) => {
    const problem = problemOf(entry as Partial<Fault> | null);
    if (problem !== undefined) throw new Error(`Fault ${index + 1} of the list: ${problem}`);
    return entry as Fault;
  });
}

function problemOf(entry: Partial<Fault> | null): string | undefined {
  if (typeof entry !== 'object' || entry === null) return 'expected an object.';
  if (typeof entry.operation !== 'string') return '`operation` must be an operation (PutObject) or "*".';
  const { call, fault, service, delayMs } = entry;
  if (call !== 'every' && !(Number.isInteger(call) && Number(call) >= 1)) {
    return `\`call\` must be a number from 1 on, or "every"; found ${JSON.stringify(call)}.`;
  }
  if (fault === undefined || !FAULT_KINDS.includes(fault)) {
    return `\`fault\` must be one of ${FAULT_KINDS.join(', ')}; found ${JSON.stringify(fault)}.`;
  }
  if (service !== undefined && typeof service !== 'string') return '`service` must be text.';
  if (delayMs !== undefined && !(typeof delayMs === 'number' && delayMs >= 0)) return '`delayMs` must be 0 or more.';
  return undefined;
}
