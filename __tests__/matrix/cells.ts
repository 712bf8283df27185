import type { Answers } from '../../embedded-aws/answers.ts';
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

/** A claim that lies there without an execution: what is wrong with it. */
export type ClaimKind = 'from the future' | 'that is no JSON' | 'of a generation that is no number';

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
    }
  /** The whole first run is answered in another form; `fails`: its packaging step does. */
  | { readonly kind: 'answers'; readonly scenario: Scenario; readonly answers: Answers; readonly fails: boolean }
  | { readonly kind: 'claim'; readonly scenario: Scenario; readonly claim: ClaimKind }
  /** The runner's clock goes ahead of AWS's by so much; where it is killed, the next runner's goes behind as much. */
  | { readonly kind: 'clock'; readonly scenario: Scenario; readonly aheadMs: number; readonly killed: boolean };

type Struck = Extract<Cell, { readonly at: Call }>;

const FAULTS: readonly (readonly [FaultKind, boolean])[] = [
  ['throttling', false],
  ['server-error', false],
  ['connection-reset', false],
  ['connection-reset', true],
  ['slow', false],
  ['drip', true],
  ['conflict', false],
  ['garbage', true],
  ['access-denied', false],
  ['expired-credentials', false],
];

/** Only what changes something can conflict. */
const CHANGES = /^(Put|Copy|Create|Update|Start|Stop|Add|Upload|Complete)/;

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
  const struck = SCENARIOS.flatMap((scenario) => {
    const faults = scenario === 'regional' ? REGIONAL_FAULTS : FAULTS;
    const kills = scenario === 'regional' ? REGIONAL_KILLS : KILLS;
    return newCalls(traces[scenario], known).flatMap((at): Cell[] => [
      ...faults
        .filter(([fault]) => fault !== 'conflict' || CHANGES.test(at.operation))
        .map(([fault, after]): Cell => ({ kind: 'fault', scenario, at, fault, after })),
      ...kills.map(([signal, post]): Cell => ({ kind: 'kill', scenario, at, signal, post })),
    ]);
  });
  return [...struck, ...SCENARIOS.flatMap(wholeRuns)];
}

const SCENARIOS = ['first', 'update', 'regional'] as const;
const CLAIMS: readonly ClaimKind[] = ['from the future', 'that is no JSON', 'of a generation that is no number'];
const HOUR_MS = 3_600_000;

/** What strikes no single request, but a whole run. */
function wholeRuns(scenario: Scenario): readonly Cell[] {
  const statuses = ['CompletedWithFailures', 'Unheard'] as const;
  return [
    { kind: 'answers', scenario, answers: { pages: 'endless' }, fails: false },
    ...statuses.flatMap((status): Cell[] => [
      { kind: 'answers', scenario, answers: { 'success-status': status }, fails: false },
      { kind: 'answers', scenario, answers: { 'failure-status': status }, fails: true },
    ]),
    ...CLAIMS.map((claim): Cell => ({ kind: 'claim', scenario, claim })),
    ...[HOUR_MS, -HOUR_MS].flatMap((aheadMs) =>
      [false, true].map((killed): Cell => ({ kind: 'clock', scenario, aheadMs, killed })),
    ),
  ];
}

function newCalls(trace: readonly RecordedRequest[], known: Set<string>): readonly Call[] {
  const name = ({ service, operation, call }: Call) => `${service} ${operation} ${String(call).padStart(4, '0')}`;
  const calls = trace
    .map(({ service, operation, call }): Call => ({ service, operation, call }))
    .filter((call) => !known.has(name(call)));
  for (const call of calls) known.add(name(call));
  return calls.sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

/** A fixed tenth, spread over all calls and kinds: 11 shares no factor with the numbers of cells that a call has. */
export function aTenth(cells: readonly Cell[]): readonly Cell[] {
  return cells.filter((_, index) => index % 11 === 0 || index % 121 === 5);
}

export function cellName(cell: Cell): string {
  switch (cell.kind) {
    case 'fault':
      return struckName(cell, `${cell.fault}${cell.after ? ' after it was done' : ''}`);
    case 'kill':
      return struckName(cell, `${cell.signal}${cell.post ? '' : ' without post'}`);
    case 'answers': {
      const forms = Object.entries(cell.answers).map(([name, value]) => `${value} ${name}`);
      return `${cell.scenario}: ${forms.join(', ')}`;
    }
    case 'claim':
      return `${cell.scenario}: a claim ${cell.claim}`;
    case 'clock': {
      const side = cell.aheadMs > 0 ? 'ahead' : 'behind';
      return `${cell.scenario}: a clock an hour ${side}${cell.killed ? ', SIGKILL without post' : ''}`;
    }
  }
}

function struckName({ scenario, at: { service, operation, call } }: Struck, what: string): string {
  return `${scenario}: ${what} at ${service} ${operation} ${call}`;
}

/** A drip is slow enough to be read in many pieces, and quick enough to come to its end. */
const DRIP_MS = 1;

export function faultOf(cell: Struck): Fault {
  if (cell.kind === 'kill') return { ...cell.at, fault: 'slow', delayMs: 300 };
  return { ...cell.at, fault: cell.fault, after: cell.after, delayMs: cell.fault === 'drip' ? DRIP_MS : 700 };
}
