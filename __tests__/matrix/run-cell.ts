import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedRequest } from '../../embedded-aws/http/recorder.ts';
import type { ActionRun } from '../harness/run-action.ts';
import { faultOf, type Cell, type Scenario } from './cells.ts';
import { dishonest, lookAtAccount, overlapping } from './judge.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

/** What has not ended by then hangs: it is killed, which the judge sees. No machine is so slow that a run needs it. */
const GIVE_UP_MS = 300_000;

/** Faults that pass: the run must end as if they had not been. */
const PASSING = ['throttling', 'server-error', 'connection-reset', 'slow', 'garbage'];

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
    world.aws.setFaults([faultOf(cell)]);
    const first = cell.kind === 'fault' ? await faulted(cell, world) : await killed(cell, world);
    const afterFirst = await lookAtAccount(world.aws);
    world.aws.setFaults([]);
    const problems = [...first.problems, ...overlapping(afterFirst)];
    if (first.run.exitCode === 0) return problems;
    await passTwoMinutes(world);
    return [...problems, ...(await secondRun(world, first.run, SCENARIOS[cell.scenario].packages))];
  } finally {
    await world.close();
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

async function killed(cell: Cell & { kind: 'kill' }, world: World): Promise<First> {
  const kill = signalAt(cell, world);
  const run = await world.deploy({ post: cell.post, onStart: kill.begin });
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

async function secondRun(world: World, first: ActionRun, packages: number): Promise<readonly string[]> {
  const run = await world.deploy({ onStart: giveUp });
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

/** A claim goes stale after two minutes: they pass at once for the claims that lie there. */
async function passTwoMinutes({ aws }: World): Promise<void> {
  for (const object of aws.store.list('bsm-models', '').filter(({ key }) => key.includes('/claims/'))) {
    const claim = JSON.parse(await readFile(object.bodyPath, 'utf8')) as Record<string, unknown>;
    const claimed_at = new Date(Date.parse(String(claim['claimed_at'])) - 121_000).toISOString();
    await aws.store.putBytes('bsm-models', object.key, Buffer.from(JSON.stringify({ ...claim, claimed_at })));
  }
}

function lastError({ stdout, stderr }: ActionRun): string {
  return stdout.split('\n').findLast((line) => line.startsWith('::error')) ?? `no error; ${stderr.slice(-300)}`;
}
