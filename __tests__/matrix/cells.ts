import type { Fault, FaultKind } from '../../embedded-aws/faults.ts';
import type { RecordedRequest } from '../../embedded-aws/http/recorder.ts';

/** One request of a recorded deployment. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  /** 1-based number of this operation. */
  readonly call: number;
}

/** `post`: GitHub runs it after cancel and failure; a runner that is lost with its process runs nothing more. */
export type Cell =
  | { readonly kind: 'fault'; readonly at: Call; readonly fault: FaultKind; readonly after: boolean }
  | {
      readonly kind: 'kill';
      readonly at: Call;
      readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL';
      readonly post: boolean;
    };

const FAULTS: readonly (readonly [FaultKind, boolean])[] = [
  ['throttling', false],
  ['server-error', false],
  ['connection-reset', false],
  ['connection-reset', true],
  ['slow', false],
  ['garbage', true],
  ['access-denied', false],
  ['expired-credentials', false],
];

const KILLS = [
  ['SIGINT', true],
  ['SIGTERM', true],
  ['SIGKILL', true],
  ['SIGKILL', false],
] as const;

/** Every fault and every kill at every request of the trace. Requests of processing jobs are not the action's. */
export function allCells(trace: readonly RecordedRequest[]): readonly Cell[] {
  const calls = trace
    .filter(({ userAgent }) => !userAgent.includes('Boto3'))
    .map(({ service, operation, call }): Call => ({ service, operation, call }));
  return calls.flatMap((at): Cell[] => [
    ...FAULTS.map(([fault, after]): Cell => ({ kind: 'fault', at, fault, after })),
    ...KILLS.map(([signal, post]): Cell => ({ kind: 'kill', at, signal, post })),
  ]);
}

/** A fixed tenth, spread over all calls and kinds: 10 shares no factor with the number of kinds a call has, but 2. */
export function aTenth(cells: readonly Cell[]): readonly Cell[] {
  return cells.filter((_, index) => (index * 7) % 10 === Math.floor(index / 12) % 10);
}

export function cellName(cell: Cell): string {
  const { service, operation, call } = cell.at;
  const what =
    cell.kind === 'fault'
      ? `${cell.fault}${cell.after ? ' after it was done' : ''}`
      : `${cell.signal}${cell.post ? '' : ' without post'}`;
  return `${what} at ${service} ${operation} ${call}`;
}

export function faultOf(cell: Cell): Fault {
  if (cell.kind === 'kill') return { ...cell.at, fault: 'slow', delayMs: 300 };
  return { ...cell.at, fault: cell.fault, after: cell.after, delayMs: 1500 };
}
