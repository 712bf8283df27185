import { prepare, startOrAttach, type StartContext } from './apply/index.ts';
import type { Aws } from './aws/types.ts';
import { diffWith } from './compare/index.ts';
import type { OnStage } from './dependencies.ts';
import { cancelledBeforeStart } from './errors.ts';
import { follow } from './follow.ts';
import type { Inputs } from './inputs.ts';
import type { Asked } from './look.ts';
import { openRegistrations, type OpenRegistrations } from './open.ts';
import { readPackageReport } from './package-report.ts';
import { buildPlan } from './plan/plan.ts';
import type { Facts, Plan } from './plan/types.ts';
import { refusedBy, type Check } from './preflight/index.ts';
import { lookAtRegions } from './preflight/regional.ts';
import type { Registered } from './registered.ts';
import { reportChecks } from './report/checks.ts';
import { reportEarly, reportPlanFile } from './report/index.ts';
import { STATE_NAMES } from './report/state.ts';
import { registeredPackage, type Unfinished } from './result.ts';
import { promote } from './reuse.ts';
import type { Runner } from './runner.ts';

/** A plan that preflight let through. */
export interface Cleared extends Asked {
  readonly facts: Facts;
  readonly plan: Plan;
  readonly checks: readonly Check[];
}

/** Registers what is missing: uploads, pipeline, execution, registry. What is registered already is reused. */
export async function deploy(cleared: Cleared, dependencies: OnStage): Promise<Unfinished> {
  const { config, inputs, facts, plan, request } = cleared;
  const { aws, cancelled, rehearsal, runner } = dependencies;
  const open = await openRegistrations(plan, inputs, dependencies);
  const reused = await promote(open.registered, inputs, aws);
  if (open.missing.length === 0) return { ...(await nothingToDo(plan, reused, aws)), checks: cleared.checks };
  const checks = [...cleared.checks, ...(await checkRegions(open, cleared, dependencies))];
  refuseCancelled(cancelled);

  const work = open.narrow
    ? await buildPlan(config, facts, { ...request, regions: open.missing.map(({ region }) => region) })
    : plan;
  const missing = open.missing;
  const prepared = await prepare(work, missing, aws);
  reportEarly({ plan, prepared }, runner);
  const comparison = { change: prepared.change, diff: diffWith(work, prepared.before) };
  reportPlanFile({ config, plan, checks, comparison }, runner);
  refuseCancelled(cancelled);
  const started = startContext(dependencies, { plan: work, inputs, open });
  const execution = await startOrAttach(work, { prepared, missing }, started);
  reportEarly({ plan, prepared, execution, rehearsal }, runner);
  runner.saveState(STATE_NAMES.executionArn, execution.arn);
  // One of an earlier attempt of this workflow run is ours to stop; another run's is not.
  if (execution.attached && execution.ours) saveIntent({ plan, inputs, displayName: '' }, runner);
  return { ...(await follow({ inputs, plan, prepared, execution, missing, reused }, dependencies)), checks };
}

/** What only the regions need that are to be registered. */
async function checkRegions(
  { missing }: OpenRegistrations,
  { config }: Cleared,
  { aws, runner }: OnStage,
): Promise<readonly Check[]> {
  const checks = await lookAtRegions(missing, config, aws);
  reportChecks(checks, runner);
  const refused = refusedBy(checks);
  if (refused !== undefined) throw refused;
  return checks;
}

function startContext(
  { aws, cancelled, clock, context, runner }: OnStage,
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
    packages: reused.map((entry) => registeredPackage(entry, true)),
    steps: [],
    explanations: [],
    warnings: plan.warnings,
  };
}

function refuseCancelled(cancelled: AbortSignal): void {
  if (cancelled.aborted) throw cancelledBeforeStart();
}
