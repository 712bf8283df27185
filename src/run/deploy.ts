import { prepare, type Prepared, type StartContext, startOrAttach } from '../apply/index.ts';
import type { Aws } from '../aws/types.ts';
import { diffWith } from '../compare/index.ts';
import { cancelledBeforeStart } from '../core/errors.ts';
import { type Runner, STATE_NAMES } from '../core/runner.ts';
import type { Inputs } from '../inputs/index.ts';
import { inspectRegions } from '../inspect/buckets.ts';
import { readPackageReport } from '../monitor/package-report.ts';
import { buildPlan } from '../plan/plan.ts';
import type { Facts, Plan } from '../plan/types.ts';
import { type Check, refusedBy, regionalChecks } from '../preflight/index.ts';
import { promote } from '../registry/approval.ts';
import { findOpenRegistrations, type OpenRegistrations } from '../registry/history.ts';
import type { Registered } from '../registry/records.ts';
import { reportChecks, reportEarly, reportPlanFile } from '../report/index.ts';
import type { PlanFile } from '../report/outputs.ts';
import { registeredPackage, type Unfinished } from '../report/record.ts';
import type { TargetDependencies } from './dependencies.ts';
import { failed, failure } from './failure.ts';
import { follow } from './follow.ts';
import type { Asked } from './look.ts';

/** A plan that preflight let through. */
export interface Cleared extends Asked {
  readonly facts: Facts;
  readonly plan: Plan;
  readonly checks: readonly Check[];
}

/** Registers what is missing: uploads, pipeline, execution, registry. What is registered already is reused. */
export async function deploy(cleared: Cleared, dependencies: TargetDependencies): Promise<Unfinished> {
  const { config, inputs, plan } = cleared;
  const { aws, runner } = dependencies;
  const open = await findOpenRegistrations(plan, inputs, dependencies);
  if (open.missing.length === 0) {
    const reused = await promote(open.registered, inputs, aws);
    return { ...(await nothingToDo(plan, reused, aws)), checks: cleared.checks };
  }
  const regional = regionalChecks(await inspectRegions(open.missing, config, aws));
  reportChecks(regional, runner);
  const checks = [...cleared.checks, ...regional];
  const known = { plan, checks, packages: packagesOf(open.registered) };
  const refused = refusedBy(regional);
  if (refused !== undefined) return { ...failed(refused), ...known };
  refuseCancelled(dependencies.cancelled);
  const reused = await promote(open.registered, inputs, aws);
  // What the registry has confirmed is told, whatever becomes of the rest.
  const told = { ...known, packages: packagesOf(reused) };
  return register({ ...cleared, checks, open, reused }, dependencies).catch((thrown: unknown) => ({
    ...failure(thrown, runner),
    ...told,
  }));
}

interface Work extends Cleared {
  readonly open: OpenRegistrations;
  readonly reused: readonly Registered[];
}

/** The missing registrations: everything in place, started once, and followed. */
async function register(work: Work, dependencies: TargetDependencies): Promise<Unfinished> {
  const { config, inputs, facts, plan, request, checks, open, reused } = work;
  const { aws, cancelled, rehearsal, runner } = dependencies;
  const { missing } = open;
  const narrow = open.narrow
    ? await buildPlan(config, facts, { ...request, regions: missing.map(({ region }) => region) })
    : plan;
  const prepared = await prepare(narrow, missing, aws);
  const known = { plan, checks, prepared, packages: packagesOf(reused) };
  reportEarly({ plan, prepared }, runner);
  reportPlanFile({ config, plan: narrow, checks, comparison: carriedOut(narrow, { prepared, open }) }, runner);
  try {
    refuseCancelled(cancelled);
    const started = startContext(dependencies, { plan: narrow, inputs, open });
    const execution = await startOrAttach(narrow, { prepared, missing }, started);
    reportEarly({ plan, prepared, execution, rehearsal }, runner);
    runner.saveState(STATE_NAMES.executionArn, execution.arn);
    // One of an earlier attempt of this workflow run is ours to stop; another run's is not.
    if (execution.attached && execution.ours) saveIntent({ plan, inputs, displayName: '' }, runner);
    return { ...(await follow({ inputs, plan, prepared, execution, missing, reused }, dependencies)), checks };
  } catch (thrown) {
    return { ...failure(thrown, runner), ...known };
  }
}

/** What plan-path tells of a deployment: what was done, in the words of a plan. */
function carriedOut(
  plan: Plan,
  { prepared, open }: { readonly prepared: Prepared; readonly open: OpenRegistrations },
): NonNullable<PlanFile['comparison']> {
  const there = new Set(prepared.uploads.there);
  return {
    change: prepared.change,
    diff: diffWith(plan, prepared.before),
    uploads: plan.uploads.map((upload) => ({ upload, there: there.has(upload) })),
    registrations: [
      ...open.registered.map(({ registration, package: found }) => ({
        registration,
        state: 'registered' as const,
        arn: found.arn,
      })),
      ...open.missing.map((registration) => ({ registration, state: 'to register' as const })),
    ],
  };
}

function packagesOf(entries: readonly Registered[]): Unfinished['packages'] {
  return entries.map((entry) => registeredPackage(entry, true));
}

function startContext(
  { aws, cancelled, clock, context, runner }: TargetDependencies,
  { plan, inputs, open }: { readonly plan: Plan; readonly inputs: Inputs; readonly open: OpenRegistrations },
): StartContext {
  return {
    aws,
    clock,
    missing: open.missing,
    selective: open.selective,
    runUrl: context.provenance.runUrl,
    log: (line) => runner.info(line),
    cancelled,
    endedBefore: open.ended,
    began: (arn) => {
      runner.saveState(STATE_NAMES.executionArn, arn);
      runner.setOutput('pipeline-execution-arn', arn);
    },
    announce: ({ displayName }) => saveIntent({ plan, inputs, displayName }, runner),
  };
}

interface Intent {
  readonly plan: Plan;
  readonly inputs: Inputs;
  readonly displayName: string;
}

/** What post needs to stop an execution that this step did not live to stop. */
function saveIntent({ plan, inputs, displayName }: Intent, runner: Runner): void {
  const intent = { pipeline: plan.pipeline.name, displayName, onCancel: inputs.onCancel, wait: inputs.wait };
  runner.saveState(STATE_NAMES.intent, JSON.stringify(intent));
}

async function nothingToDo(plan: Plan, reused: readonly Registered[], aws: Aws): Promise<Unfinished> {
  return {
    packageReport: await readPackageReport(plan.packageReport, aws).catch(() => undefined),
    status: 'reused',
    plan,
    packages: packagesOf(reused),
    steps: [],
    explanations: [],
    warnings: plan.warnings,
  };
}

function refuseCancelled(cancelled: AbortSignal): void {
  if (cancelled.aborted) throw cancelledBeforeStart();
}
