import type { Fault, FaultKind } from '../../embedded-aws/faults.ts';
import type { RecordedRequest } from '../../embedded-aws/http/recorder.ts';

/** One request of a recorded deployment. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  /** 1-based number of this operation. */
  readonly call: number;
}

/**
 * Deployments whose requests are struck: a first one; one over a pipeline that another definition and other tags are on;
 * one to two regions, whose second is registered by a job.
 */
export type Scenario = 'first' | 'update' | 'regional';

/** `post`: GitHub runs it after cancel and failure; a runner that is lost with its process runs nothing more. */
export type Cell =
  | {
      readonly kind: 'fault';
      readonly scenario: Scenario;
      readonly at: Call;
      readonly fault: FaultKind;
      readonly after: boolean;
    }
  | {
      readonly kind: 'kill';
      readonly scenario: Scenario;
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

/** Where two processes ask at the same time, the worst of each kind has to do. */
const REGIONAL_FAULTS = FAULTS.filter(([fault, after]) => after || fault === 'access-denied');
const REGIONAL_KILLS = KILLS.filter(([signal, post]) => signal === 'SIGINT' || !post);

/**
 * Every fault and every kill at every request of the first trace, and at those that only later traces have. Sorted, since
 * requests that are made side by side arrive in any order.
 */
export function allCells(traces: Readonly<Record<Scenario, readonly RecordedRequest[]>>): readonly Cell[] {
  const known = new Set<string>();
  return (['first', 'update', 'regional'] as const).flatMap((scenario) => {
    const faults = scenario === 'regional' ? REGIONAL_FAULTS : FAULTS;
    const kills = scenario === 'regional' ? REGIONAL_KILLS : KILLS;
    return newCalls(traces[scenario], known).flatMap((at): Cell[] => [
      ...faults.map(([fault, after]): Cell => ({ kind: 'fault', scenario, at, fault, after })),
      ...kills.map(([signal, post]): Cell => ({ kind: 'kill', scenario, at, signal, post })),
    ]);
  });
}

function newCalls(trace: readonly RecordedRequest[], known: Set<string>): readonly Call[] {
  const name = ({ service, operation, call }: Call) => `${service} ${operation} ${String(call).padStart(4, '0')}`;
  const calls = trace
    .map(({ service, operation, call }): Call => ({ service, operation, call }))
    .filter((call) => !known.has(name(call)));
  for (const call of calls) known.add(name(call));
  return calls.sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

/** A fixed tenth, spread over all calls and kinds: 11 shares no factor with the number of cells that a call has. */
export function aTenth(cells: readonly Cell[]): readonly Cell[] {
  return cells.filter((_, index) => index % 11 === 0 || index % 121 === 5);
}

export function cellName(cell: Cell): string {
  const { service, operation, call } = cell.at;
  const what =
    cell.kind === 'fault'
      ? `${cell.fault}${cell.after ? ' after it was done' : ''}`
      : `${cell.signal}${cell.post ? '' : ' without post'}`;
  return `${cell.scenario}: ${what} at ${service} ${operation} ${call}`;
}

export function faultOf(cell: Cell): Fault {
  if (cell.kind === 'kill') return { ...cell.at, fault: 'slow', delayMs: 300 };
  return { ...cell.at, fault: cell.fault, after: cell.after, delayMs: 700 };
}
