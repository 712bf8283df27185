import { asDeployError, stackOf } from '../core/errors.ts';
import { type Inputs, readInputs } from '../inputs/index.ts';
import { loadConfig } from '../inputs/load-config.ts';
import { refusal } from '../preflight/index.ts';
import type { TargetRequest } from '../rehearsal/target.ts';
import { keepComment } from '../report/comment.ts';
import { reportChecks, reportPlan, reportPlanFile, reportRun } from '../report/index.ts';
import { createRecord, recordFailure, type RunRecord, type Status } from '../report/record.ts';
import { approve } from './approve.ts';
import type { Dependencies, RunContext } from './dependencies.ts';
import { deploy } from './deploy.ts';
import { showPlan } from './plan-mode.ts';
import { checkRegions, locateModel, prepareRun, refuseCancelled, refuseOtherPlan } from './prepare.ts';

/**
 * A whole run. Never throws: whatever is known by its end stands in the record, whatever ended it, and the record is
 * reported.
 */
export async function run(dependencies: Dependencies): Promise<Status> {
  const { clock, context, runner } = dependencies;
  const startedAtMs = clock.nowMs();
  const record = createRecord(context);
  try {
    await carryOut(record, startedAtMs, dependencies);
  } catch (thrown) {
    runner.debug(stackOf(thrown));
    recordFailure(record, thrown);
  }
  await keepComment(record, dependencies);
  record.durationMs = clock.nowMs() - startedAtMs;
  try {
    reportRun(record, dependencies);
  } catch (thrown) {
    runner.debug(stackOf(thrown));
    runner.annotate('warning', { title: 'Report', message: `The report broke off: ${asDeployError(thrown).message}` });
  }
  return record.status;
}

/** Reads what is asked for, and runs where it is to take place. */
async function carryOut(record: RunRecord, startedAtMs: number, dependencies: Dependencies): Promise<void> {
  const { clock, context, runner } = dependencies;
  const given = normalizeInputs(readInputs(dependencies.input), dependencies);
  record.inputs = given;
  record.rehearsal = given.mode === 'rehearse';
  const deadlineMs = startedAtMs + given.timeoutMinutes * 60_000;
  if (given.mode === 'approve') {
    return approve(given, { ...dependencies, aws: dependencies.openAws(deadlineMs), record });
  }
  const files = dependencies.openFiles(given);
  const inputs = await locateModel(given, { ...dependencies, files });
  record.inputs = inputs;
  const { config, request: planRequest } = await loadConfig(inputs, { files, context, runner, clock });
  record.pipeline = config.base.pipeline_name;
  refuseCancelled(dependencies);
  const request = { inputs, config, request: planRequest, files };
  const target = await dependencies.openTarget({ ...request, deadlineMs });
  record.checks = target.checks;
  try {
    const { aws, rehearsal } = target;
    await runOnTarget(request, { ...dependencies, aws, rehearsal, runner: target.runner, record, deadlineMs });
  } finally {
    await target.close();
  }
}

/** What makes no sense in a mode is replaced, and said: a rehearsal ends with its run, so it is followed to its end. */
function normalizeInputs(inputs: Inputs, { runner }: Dependencies): Inputs {
  const { comment, expectPlanDigest, ifRegistered, mode, wait } = inputs;
  if (comment && mode !== 'plan') runner.info('comment: true does nothing here: mode: plan comments.');
  if (expectPlanDigest !== undefined && mode !== 'deploy') {
    runner.info('expect-plan-digest does nothing here: mode: deploy is bound by it.');
  }
  const bound = mode === 'deploy' ? inputs : { ...inputs, expectPlanDigest: undefined };
  if (mode !== 'rehearse') return bound;
  if (!wait) runner.info('wait: false does nothing here: a rehearsal is followed to its end.');
  if (ifRegistered === 'require') {
    runner.info('if-registered: require does nothing here: a rehearsal begins with an empty registry.');
  }
  return {
    ...bound,
    wait: true,
    onCancel: 'stop',
    onTimeout: 'stop',
    ifRegistered: ifRegistered === 'require' ? 'reuse' : ifRegistered,
  };
}

/** Inspects, plans and checks; then shows the plan or carries it out. */
async function runOnTarget(request: Omit<TargetRequest, 'deadlineMs'>, context: RunContext): Promise<void> {
  const { config, inputs } = request;
  const { record, runner } = context;
  const prepared = await prepareRun(request, { ...context, files: request.files });
  refuseCancelled(context);
  const checks = [...(record.checks ?? []), ...prepared.checks];
  record.checks = checks;
  if (!prepared.plan.ok) {
    reportChecks(checks, runner);
    throw refusal(checks, prepared.inspection) ?? prepared.plan.error;
  }
  const plan = prepared.plan.value;
  record.plan = plan;
  reportPlan({ plan, facts: prepared.facts }, runner);
  reportPlanFile({ config, plan, checks }, runner);
  reportChecks(checks, runner);
  if (inputs.mode === 'plan') return showPlan({ ...request, plan, inspection: prepared.inspection }, context);
  const refused = refusal(checks, prepared.inspection);
  if (refused !== undefined) {
    // All problems at once: what the regions need is inspected also where nothing will be started.
    if (prepared.inspection.identity.ok) await checkRegions(plan.registrations, config, context);
    throw refused;
  }
  refuseOtherPlan(plan, inputs);
  return deploy({ ...request, facts: prepared.facts, plan }, context);
}
