import { stackOf, wordedError } from '../core/errors.ts';
import { type Inputs, readInputs } from '../inputs/index.ts';
import { loadConfig } from '../inputs/load-config.ts';
import { refusal, wordedCheck } from '../preflight/index.ts';
import type { TargetRequest } from '../rehearsal/target.ts';
import { keepComment } from '../report/comment.ts';
import { reportChecks, reportPlan, reportPlanFile, reportRun } from '../report/index.ts';
import { createRecord, recordFailure, type RunRecord, type Status } from '../report/record.ts';
import type { Dependencies, RunContext } from './dependencies.ts';
import { deploy } from './deploy.ts';
import { showPlan } from './plan-mode.ts';
import { checkRegions, prepareRun, refuseCancelled } from './prepare.ts';

/**
 * A whole run. Never throws: whatever is known by its end stands in the record, whatever ended it, and the record is
 * reported.
 */
export async function run(dependencies: Dependencies): Promise<Status> {
  const { clock, context, runner } = dependencies;
  const startedAtMs = clock.nowMs();
  const record = createRecord(context);
  try {
    await carryOut(record, dependencies);
  } catch (thrown) {
    runner.debug(stackOf(thrown));
    recordFailure(record, thrown);
  }
  if (record.error !== undefined) record.error = wordedError(record.error, runner.words);
  await keepComment(record, dependencies);
  record.durationMs = clock.nowMs() - startedAtMs;
  reportRun(record, dependencies);
  return record.status;
}

/** Reads what is asked for, and runs where it is to take place. */
async function carryOut(record: RunRecord, dependencies: Dependencies): Promise<void> {
  const { clock, context, runner } = dependencies;
  const inputs = normalizeInputs(readInputs(dependencies.input), dependencies);
  record.inputs = inputs;
  record.rehearsal = inputs.mode === 'rehearse';
  const files = dependencies.openFiles(inputs);
  const { config, request: planRequest } = await loadConfig(inputs, { files, context, runner, clock });
  record.pipeline = config.base.pipeline_name;
  refuseCancelled(dependencies);
  const request = { inputs, config, request: planRequest, files };
  const target = await dependencies.openTarget(request);
  record.checks = target.checks;
  try {
    const { aws, rehearsal } = target;
    await runOnTarget(request, { ...dependencies, aws, rehearsal, runner: target.runner, record });
  } finally {
    await target.close();
  }
}

/** What makes no sense in a mode is replaced, and said: a rehearsal ends with its run, so it is followed to its end. */
function normalizeInputs(inputs: Inputs, { runner }: Dependencies): Inputs {
  if (inputs.comment && inputs.mode !== 'plan') runner.info('comment: true does nothing here: mode: plan comments.');
  if (inputs.mode !== 'rehearse') return inputs;
  if (!inputs.wait) runner.info('wait: false does nothing here: a rehearsal is followed to its end.');
  return { ...inputs, wait: true, onCancel: 'stop', onTimeout: 'stop' };
}

/** Inspects, plans and checks; then shows the plan or carries it out. */
async function runOnTarget(request: TargetRequest, context: RunContext): Promise<void> {
  const { config, inputs } = request;
  const { record, runner } = context;
  const prepared = await prepareRun(request, { ...context, files: request.files });
  refuseCancelled(context);
  const checks = [...(record.checks ?? []), ...prepared.checks].map((check) => wordedCheck(check, runner.words));
  record.checks = checks;
  if (!prepared.plan.ok) {
    reportChecks(checks, runner);
    throw refusal(checks, prepared.inspection) ?? prepared.plan.error;
  }
  const plan = prepared.plan.value;
  record.plan = plan;
  reportPlan({ plan, facts: prepared.facts, given: inputs.model.file }, runner);
  reportPlanFile({ config, plan, checks }, runner);
  reportChecks(checks, runner);
  if (inputs.mode === 'plan') return showPlan({ ...request, plan, inspection: prepared.inspection }, context);
  const refused = refusal(checks, prepared.inspection);
  if (refused !== undefined) {
    // All problems at once: what the regions need is inspected also where nothing will be started.
    if (prepared.inspection.identity.ok) await checkRegions(plan.registrations, config, context);
    throw refused;
  }
  return deploy({ ...request, facts: prepared.facts, plan }, context);
}
