import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedRequest } from '../../embedded-aws/http/recorder.ts';
import type { ActionRun } from '../harness/run-action.ts';
import { type Cell, type ClaimKind, faultOf, type Scenario } from './cells.ts';
import { dishonest, lookAtAccount, overlapping } from './judge.ts';
import { BUCKET, openWorld, type World, type WorldOptions } from './world.ts';

/** What has not ended by then hangs: it is killed, which the judge sees. No machine is so slow that a run needs it. */
const GIVE_UP_MS = 300_000;

/** Faults that pass: the run must end as if they had not been. */
const PASSING = ['throttling', 'server-error', 'connection-reset', 'slow', 'garbage', 'drip', 'conflict'];
/** A claim goes stale after two minutes, by the clock of S3: they pass at once. */
const STALE_MS = 121_000;

const SCENARIOS: Readonly<Record<Scenario, WorldOptions & { readonly packages: number }>> = {
  first: { packages: 1 },
  update: { packages: 1, tags: 'team=abuse' },
  regional: { packages: 2, regions: 'NA EU' },
};

/** The requests of a deployment to which nothing happens, for each scenario. */
export async function recordTraces(): Promise<Readonly<Record<Scenario, readonly RecordedRequest[]>>> {
  const trace = async (scenario: Scenario) => {
    const world = await openWorld(SCENARIOS[scenario]);
    try {
      const before = world.aws.requests().length;
      const run = await world.deploy();
      if (run.exitCode !== 0) throw new Error(`A deployment without any fault is red: ${run.stdout}`);
      return world.aws.requests().slice(before);
    } finally {
      await world.close();
    }
  };
  return { first: await trace('first'), update: await trace('update'), regional: await trace('regional') };
}

/** Runs one cell in a world of its own. What did not hold, each as a sentence; empty where all held. */
export async function runCell(cell: Cell): Promise<readonly string[]> {
  const world = await openWorld(SCENARIOS[cell.scenario]);
  try {
    const first = await firstRun(cell, world);
    // Before the account is looked at: a slower run may have asked less often than the recorded one, and the fault still waits.
    world.aws.setFaults([]);
    const afterFirst = await lookAtAccount(world.aws);
    const problems = [...first.problems, ...overlapping(afterFirst)];
    if (first.run.exitCode === 0) return problems;
    if (cell.kind === 'claim') await replaceClaims(cell.claim, world);
    else world.pass(STALE_MS);
    const env = cell.kind === 'clock' ? clockEnvironment(-cell.aheadMs) : {};
    return [...problems, ...(await secondRun(world, { first: first.run, cell, env }))];
  } finally {
    await world.close();
  }
}

function firstRun(cell: Cell, world: World): Promise<First> {
  switch (cell.kind) {
    case 'fault':
      world.aws.setFaults([faultOf(cell)]);
      return faulted(cell, world);
    case 'kill':
      world.aws.setFaults([faultOf(cell)]);
      return killed(cell, world);
    case 'answers':
      return answered(cell, world);
    case 'claim':
      return unstarted(cell, world);
    case 'clock':
      return skewed(cell, world);
  }
}

interface First {
  readonly run: ActionRun;
  readonly problems: readonly string[];
}

async function faulted(cell: Cell & { kind: 'fault' }, world: World): Promise<First> {
  const run = await world.deploy({ onStart: giveUp });
  const problems = [...dishonest(run, await lookAtAccount(world.aws), SCENARIOS[cell.scenario].packages)];
  const passes = PASSING.includes(cell.fault);
  if (passes && run.outputs['status'] !== 'succeeded')
    problems.push(`ended ${run.outputs['status']}: ${lastError(run)}`);
  return { run, problems };
}

async function killed(cell: Cell & { kind: 'kill' }, world: World, env: Environment = {}): Promise<First> {
  const kill = signalAt(cell, world);
  const run = await world.deploy({ post: cell.post, onStart: kill.begin, env });
  const problems: string[] = [];
  const account = await lookAtAccount(world.aws);
  if (cell.signal !== 'SIGKILL') {
    if (run.signal !== null) problems.push(`did not end by itself: ${run.signal}`);
    problems.push(...dishonest(run, account, SCENARIOS[cell.scenario].packages));
  }
  const alive = account.executions.filter(({ status }) => status === 'Executing');
  if (cell.post) problems.push(...alive.map(({ arn }) => `${arn} goes on after post`));
  return { run, problems };
}

type Environment = Readonly<Record<string, string>>;

/** AWS answers in its own form again before it is looked at, and before the second run. */
async function answered(cell: Cell & { kind: 'answers' }, world: World): Promise<First> {
  world.aws.setAnswers(cell.answers);
  if (cell.fails) {
    world.aws.setFaults([
      { service: 'steps', operation: 'CreateProcessingJob', call: 'every', fault: 'access-denied' },
    ]);
  }
  const run = await world.deploy({ onStart: giveUp });
  world.aws.setAnswers({});
  const problems = [...dishonest(run, await lookAtAccount(world.aws), SCENARIOS[cell.scenario].packages)];
  if (run.signal !== null) problems.push(`did not end by itself: ${run.signal}`);
  const unknown = 'success-status' in cell.answers || cell.fails;
  if (unknown && run.outputs['status'] !== 'failed') problems.push(`ended ${run.outputs['status']}; expected failed`);
  return { run, problems };
}

/** A run that is not allowed to start leaves a claim behind, if only one that it has given back. */
async function unstarted(cell: Cell & { kind: 'claim' }, world: World): Promise<First> {
  const at = { service: 'sagemaker', operation: 'StartPipelineExecution' };
  world.aws.setFaults([{ ...at, call: 'every', fault: 'access-denied' }]);
  const run = await world.deploy({ onStart: giveUp });
  const problems = [...dishonest(run, await lookAtAccount(world.aws), SCENARIOS[cell.scenario].packages)];
  if (claimsIn(world).length === 0) problems.push('left no claim to be replaced');
  return { run, problems };
}

async function skewed(cell: Cell & { kind: 'clock' }, world: World): Promise<First> {
  const env = clockEnvironment(cell.aheadMs);
  if (cell.killed) {
    const at = { service: 'sagemaker', operation: 'StartPipelineExecution', call: 1 };
    const kill: Cell & { kind: 'kill' } = {
      kind: 'kill',
      scenario: cell.scenario,
      at,
      signal: 'SIGKILL',
      post: false,
    };
    world.aws.setFaults([faultOf(kill)]);
    return killed(kill, world, env);
  }
  const run = await world.deploy({ onStart: giveUp, env });
  const problems = [...dishonest(run, await lookAtAccount(world.aws), SCENARIOS[cell.scenario].packages)];
  if (run.outputs['status'] !== 'succeeded') problems.push(`ended ${run.outputs['status']}: ${lastError(run)}`);
  return { run, problems };
}

/** Preloads a clock that goes ahead of the system's: of the action's process alone. */
function clockEnvironment(aheadMs: number): Environment {
  const code = `const System = Date;
globalThis.Date = class extends System {
  constructor(...parts) { if (parts.length === 0) super(System.now() + ${aheadMs}); else super(...parts); }
  static now() { return System.now() + ${aheadMs}; }
};`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

interface Second {
  readonly first: ActionRun;
  readonly cell: Cell;
  readonly env: Environment;
}

async function secondRun(world: World, { first, cell, env }: Second): Promise<readonly string[]> {
  const { packages } = SCENARIOS[cell.scenario];
  const run = await world.deploy({ onStart: giveUp, env });
  const account = await lookAtAccount(world.aws);
  const problems = [...dishonest(run, account, packages), ...overlapping(account)].map(
    (problem) => `second run: ${problem}`,
  );
  if (run.exitCode !== 0) problems.push(`second run: red: ${lastError(run)} (first: ${lastError(first)})`);
  if (account.packages.length !== packages) problems.push(`${account.packages.length} packages at the end`);
  return problems;
}

/**
 * Sends the signal as soon as the request has come in, while its answer is awaited. What GitHub sends later is left out:
 * it would come by the clock, and on a busy machine to a run that is about to end. life.deep.test.ts tells that a
 * cancelled run waits for nothing.
 */
function signalAt({ at, signal }: Cell & { kind: 'kill' }, world: World) {
  const before = world.aws.requests().length;
  const recent = () => world.aws.requests().slice(before);
  const happened = () => recent().some(({ operation, call }) => operation === at.operation && call === at.call);
  const begin = (child: ChildProcess): void => {
    giveUp(child);
    void (async () => {
      while (child.exitCode === null && !happened()) await sleep(5);
      child.kill(signal);
    })();
  };
  return { begin };
}

function giveUp(child: ChildProcess): void {
  const timer = setTimeout(() => child.kill('SIGKILL'), GIVE_UP_MS);
  child.once('exit', () => clearTimeout(timer));
}

function claimsIn({ aws }: World) {
  return aws.store.list(BUCKET, '').filter(({ key }) => key.includes('/claims/'));
}

const FUTURE_MS = 600_000;

/** Puts something in place of the claims that lie there. One from the future is as young as a claim can be. */
async function replaceClaims(kind: ClaimKind, world: World): Promise<void> {
  const bodies: Readonly<Record<ClaimKind, string>> = {
    'from the future': JSON.stringify({ generation: 1, display_name: 'x', claimed_at: '2999-01-01T00:00:00.000Z' }),
    'that is no JSON': '{"generation": 1',
    'of a generation that is no number': JSON.stringify({ generation: '__proto__', released: false }),
  };
  const aheadMs = kind === 'from the future' ? FUTURE_MS : 0;
  world.pass(aheadMs);
  for (const { key } of claimsIn(world)) await world.aws.store.putBytes(BUCKET, key, Buffer.from(bodies[kind]));
  world.pass(-aheadMs);
}

function lastError({ stdout, stderr }: ActionRun): string {
  return stdout.split('\n').findLast((line) => line.startsWith('::error')) ?? `no error; ${stderr.slice(-300)}`;
}
