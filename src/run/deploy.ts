import { prepare, type Prepared, SelectionRefused, type StartContext, startOrAttach } from '../apply/index.ts';
import { diffWith } from '../compare/index.ts';
import { type Runner, STATE_NAMES } from '../core/runner.ts';
import type { Inputs } from '../inputs/index.ts';
import { type PackageReport, readPackageReport } from '../monitor/package-report.ts';
import { buildPlan } from '../plan/plan.ts';
import type { Facts, Plan } from '../plan/types.ts';
import { refusedBy } from '../preflight/index.ts';
import { promote, refuseRejected } from '../registry/approval.ts';
import { findOpenRegistrations, type OpenRegistrations } from '../registry/history.ts';
import type { Registered } from '../registry/records.ts';
import { reportEarly, reportPlanFile } from '../report/index.ts';
import type { PlanFile } from '../report/outputs.ts';
import { recordEnd, recordPackage } from '../report/record.ts';
import type { RunContext } from './dependencies.ts';
import { follow } from './follow.ts';
import { testUnderLoad } from './load-test.ts';
import { notRegistered } from './not-registered.ts';
import { checkRegions, refuseCancelled, type RunRequest } from './prepare.ts';

/** A plan that preflight let through. */
export interface ApprovedPlan extends RunRequest {
  readonly facts: Facts;
  readonly plan: Plan;
}

/** Registers what is missing: uploads, pipeline, execution, registry. What is registered already is reused. */
export async function deploy(approved: ApprovedPlan, context: RunContext): Promise<void> {
  const { config, inputs, plan } = approved;
  const { aws, record } = context;
  // Written down the moment the registry confirms it: no later failure can lose it.
  const onConfirmed = (entry: Registered) => recordPackage(record, entry, { reused: true });
  const open = await findOpenRegistrations(plan, inputs, { ...context, onConfirmed });
  if (open.missing.length > 0) {
    refuseCancelled(context);
    if (inputs.ifRegistered === 'require') throw await notRegistered(plan, open.missing, aws);
    const refused = refusedBy(await checkRegions(open.missing, config, context));
    refuseCancelled(context);
    if (refused !== undefined) throw refused;
  }
  const approve = () => promote(open.registered, inputs, { aws, onPromoted: onConfirmed });
  if (open.missing.length > 0) {
    await approve();
    return register({ ...approved, open }, context);
  }
  refuseRejected(open.registered, inputs);
  const report = await readPackageReport(plan.packageReport, aws).catch(() => undefined);
  record.packageReport = believedReport(report, open.registered, context.runner);
  // A package is approved when it has passed the test that is required of it.
  if (inputs.loadTest !== 'require') await approve();
  const tested = await testUnderLoad(approved, context);
  if (inputs.loadTest === 'require' && tested === undefined) await approve();
  recordEnd(record, tested?.status ?? 'reused', tested?.error);
}

/** Others may write into the bucket: of what package a package is, the registry says. */
function believedReport(
  report: PackageReport | undefined,
  registered: readonly Registered[],
  runner: Runner,
): PackageReport | undefined {
  const digests = registered.flatMap(({ package: { metadata } }) => metadata['package_sha256'] ?? []);
  const sha256 = digests.find((digest) => /^[0-9a-f]{64}$/.test(digest));
  if (sha256 === undefined || sha256 === report?.sha256) return report;
  if (report !== undefined) {
    const message = `package.json beside the package names the SHA-256 ${report.sha256}, and the registry ${sha256}, which is taken. Find out who wrote package.json.`;
    runner.annotate('warning', { title: 'Package', message });
  }
  return { sha256, sizeBytes: undefined, way: undefined, verification: undefined };
}

interface OpenDeployment extends ApprovedPlan {
  readonly open: OpenRegistrations;
}

/** The missing registrations: everything in place, started once, and followed. */
async function register(work: OpenDeployment, context: RunContext): Promise<void> {
  try {
    await startMissing(work, context);
  } catch (thrown) {
    if (!(thrown instanceof SelectionRefused)) throw thrown;
    context.runner.info(`${thrown.message} The missing regions are run with a definition of their own.`);
    await startMissing({ ...work, open: { ...work.open, selective: undefined, narrow: true } }, context);
  }
}

async function startMissing(work: OpenDeployment, context: RunContext): Promise<void> {
  const { config, inputs, facts, plan, request, open } = work;
  const { aws, record, rehearsal, runner } = context;
  const { missing } = open;
  const narrow = open.narrow
    ? await buildPlan(config, facts, { ...request, regions: missing.map(({ region }) => region) })
    : plan;
  const prepared = await prepare(narrow, missing, aws);
  record.prepared = prepared;
  for (const message of prepared.uploads.warnings) runner.annotate('warning', { title: 'Uploads', message });
  reportEarly({ plan, prepared }, runner);
  const comparison = carriedOut(narrow, { prepared, open });
  reportPlanFile({ config, plan: narrow, checks: record.checks ?? [], comparison }, runner);
  refuseCancelled(context);
  const started = startContext(context, { plan: narrow, inputs, open });
  const execution = await startOrAttach(narrow, { prepared, missing }, started);
  record.execution = execution;
  reportEarly({ plan, prepared, execution, rehearsal }, runner);
  runner.saveState(STATE_NAMES.executionArn, execution.arn);
  // One of an earlier attempt of this workflow run is ours to stop; another run's is not.
  if (execution.attached && execution.ours) saveIntent({ plan, inputs, displayName: '' }, runner);
  await follow({ config, inputs, plan, execution, missing }, context);
}

/** What plan-path says after a deployment: what was done, in the form of a plan. */
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

function startContext(
  { aws, cancelled, clock, context, deadlineMs, runner }: RunContext,
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
    deadlineMs,
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
