import { cancelledBeforeStart } from '../core/errors.ts';
import { type Inputs, readInputs } from '../inputs/index.ts';
import { loadConfig } from '../inputs/load-config.ts';
import { refusal } from '../preflight/index.ts';
import type { Target, TargetRequest } from '../rehearsal/target.ts';
import { keepComment } from '../report/comment.ts';
import { reportChecks, reportPlan, reportPlanFile, reportResult } from '../report/index.ts';
import type { Status, Unfinished } from '../report/record.ts';
import type { Dependencies, TargetDependencies } from './dependencies.ts';
import { deploy } from './deploy.ts';
import { failed, failure } from './failure.ts';
import { type Asked, look, type Looked } from './look.ts';
import { checkAllRegions, showPlan } from './plan-mode.ts';

/** The whole run. Never throws: whatever happens becomes a result, and the result is reported. */
export async function run(dependencies: Dependencies): Promise<Status> {
  const { clock, context, runner } = dependencies;
  const startedAtMs = clock.nowMs();
  const result = await attempt(dependencies).catch((thrown: unknown) => failure(thrown, runner));
  const { provenance, releaseTag, actor } = context;
  const origin = { provenance, releaseTag, actor };
  reportResult({ ...result, origin, durationMs: clock.nowMs() - startedAtMs }, dependencies);
  return result.status;
}

/** What is asked for; an end of plan mode is told in the pull request, whatever it is. */
async function attempt(dependencies: Dependencies): Promise<Unfinished> {
  const { clock, context, runner } = dependencies;
  const inputs = normalizeInputs(readInputs(dependencies.input), dependencies);
  const files = dependencies.openFiles(inputs);
  const { config, request } = await loadConfig(inputs, { files, context, runner, clock });
  const ended = await onStage({ inputs, config, request, files }, dependencies).catch((thrown: unknown) =>
    failure(thrown, runner),
  );
  if (inputs.comment && inputs.mode === 'plan' && ended.status !== 'cancelled') {
    await keepComment({ result: ended, pipeline: config.base.pipeline_name, inputs }, dependencies);
  }
  return { ...ended, rehearsal: inputs.mode === 'rehearse' };
}

/** What makes no sense in a mode gives way, and is said: a rehearsal ends with its run, so it is followed to its end. */
function normalizeInputs(inputs: Inputs, { runner }: Dependencies): Inputs {
  if (inputs.comment && inputs.mode !== 'plan') runner.info('comment: true does nothing here: mode: plan comments.');
  if (inputs.mode !== 'rehearse') return inputs;
  if (!inputs.wait) runner.info('wait: false does nothing here: a rehearsal is followed to its end.');
  return { ...inputs, wait: true, onCancel: 'stop', onTimeout: 'stop' };
}

/** Where it takes place. */
async function onStage(asked: TargetRequest, dependencies: Dependencies): Promise<Unfinished> {
  refuseCancelled(dependencies);
  const target = await dependencies.openTarget(asked);
  try {
    const there = { ...dependencies, aws: target.aws, runner: target.runner, rehearsal: target.rehearsal };
    const looked = await look(asked, { ...there, files: asked.files });
    refuseCancelled(dependencies);
    return await perform(asked, { looked, target }, there);
  } finally {
    await target.close();
  }
}

interface Scene {
  readonly looked: Looked;
  readonly target: Target;
}

/** A plan is shown, a deployment carried out; whatever goes wrong, what was planned and checked is told. */
async function perform(asked: Asked, { looked, target }: Scene, dependencies: TargetDependencies): Promise<Unfinished> {
  const { config } = asked;
  const { runner } = dependencies;
  const checks = [...target.checks, ...looked.checks];
  if (!looked.plan.ok) {
    reportChecks(checks, runner);
    return { ...failed(refusal(checks, looked.inspection) ?? looked.plan.error), checks };
  }
  const plan = looked.plan.value;
  reportPlan({ plan, facts: looked.facts }, runner);
  reportPlanFile({ config, plan, checks }, runner);
  reportChecks(checks, runner);
  const planned = { ...asked, looked, plan, checks };
  if (asked.inputs.mode === 'plan') return showPlan(planned, dependencies);
  const refused = refusal(checks, looked.inspection);
  if (refused !== undefined) {
    return { ...failed(refused), plan, checks: [...checks, ...(await checkAllRegions(planned, dependencies))] };
  }
  const cleared = { ...asked, facts: looked.facts, plan, checks };
  return deploy(cleared, dependencies).catch((thrown: unknown) => ({ ...failure(thrown, runner), plan, checks }));
}

function refuseCancelled({ cancelled }: Pick<Dependencies, 'cancelled'>): void {
  if (cancelled.aborted) throw cancelledBeforeStart();
}
