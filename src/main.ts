import { compare } from './compare/index.ts';
import type { Dependencies, OnStage } from './dependencies.ts';
import { deploy } from './deploy.ts';
import { asDeployError, type DeployError } from './errors.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { loadConfig } from './load-config.ts';
import { look, type Asked, type Looked } from './look.ts';
import { keepComment } from './comment.ts';
import { refusal, refusedBy, type Check } from './preflight/index.ts';
import { lookAtRegions } from './preflight/regional.ts';
import { reportChecks } from './report/checks.ts';
import { reportComparison, reportPlan, reportPlanFile, reportResult } from './report/index.ts';
import type { Status, Unfinished } from './result.ts';
import { seen } from './sighting.ts';
import type { Stage } from './stage.ts';
import { stackOf } from './text/stack.ts';

/** The whole run. Never throws: whatever happens becomes a result, and the result is reported. */
export async function run(dependencies: Dependencies): Promise<Status> {
  const { clock, context } = dependencies;
  const startedAtMs = clock.nowMs();
  const result = await attempt(dependencies).catch((thrown: unknown) => failure(thrown, dependencies));
  const { provenance, releaseTag, actor } = context;
  const origin = { provenance, releaseTag, actor };
  reportResult({ ...result, origin, durationMs: clock.nowMs() - startedAtMs }, dependencies);
  return result.status;
}

async function attempt(dependencies: Dependencies): Promise<Unfinished> {
  const { input } = dependencies;
  const inputs = readInputs(input);
  const rehearsal = inputs.mode === 'rehearse';
  const ended = await onStage(inputs, dependencies).catch((thrown: unknown) => failure(thrown, dependencies));
  return { ...ended, rehearsal };
}

/** What is asked for, and where it takes place. */
async function onStage(inputs: Inputs, dependencies: Dependencies): Promise<Unfinished> {
  const { clock, context, runner } = dependencies;
  const files = dependencies.openFiles(inputs.workingDirectory);
  const { config, request } = await loadConfig(inputs, { files, context, runner, clock });
  if (inputs.comment && inputs.mode !== 'plan') runner.info('comment: true does nothing here: mode: plan comments.');
  const stage = await dependencies.openStage({ inputs, config, request, files });
  try {
    const there = { ...dependencies, aws: stage.aws, runner: stage.runner, rehearsal: stage.rehearsal };
    const looked = await look({ inputs, config, request }, { ...there, files });
    return await perform({ inputs, config, request }, { looked, stage }, there);
  } finally {
    await stage.close();
  }
}

interface Scene {
  readonly looked: Looked;
  readonly stage: Stage;
}

/** A plan is shown, a deployment carried out; whatever goes wrong, what was planned and checked is told. */
async function perform(asked: Asked, { looked, stage }: Scene, dependencies: OnStage): Promise<Unfinished> {
  const { facts, sights } = looked;
  const { runner } = dependencies;
  const plan = seen(looked.plan);
  const checks = [...stage.checks, ...looked.checks];
  if (plan !== undefined) {
    reportPlan({ plan, facts }, runner);
    reportPlanFile({ ...asked, plan, checks }, runner);
  }
  reportChecks(checks, runner);
  const refused = refusal(checks, sights);
  const known = { checks, ...(plan === undefined ? {} : { plan }) };
  if (asked.inputs.mode === 'plan') return showPlan({ asked, looked, checks, refused }, dependencies);
  if (refused !== undefined || plan === undefined) {
    const more = await checkAllRegions({ asked, looked }, dependencies);
    return { ...failed(refused ?? asDeployError(undefined)), ...known, checks: [...checks, ...more] };
  }
  const cleared = { ...asked, facts, plan, checks };
  return deploy(cleared, dependencies).catch((thrown: unknown) => ({ ...failure(thrown, dependencies), ...known }));
}

interface Judged {
  readonly asked: Asked;
  readonly looked: Looked;
  readonly checks: readonly Check[];
  readonly refused: DeployError | undefined;
}

/** Mode plan: compares, shows, and changes nothing but a pull-request comment. */
async function showPlan({ asked, looked, checks, refused }: Judged, dependencies: OnStage): Promise<Unfinished> {
  const plan = seen(looked.plan);
  if (plan === undefined) return { ...failed(refused ?? asDeployError(undefined)), checks };
  const [comparison, regional] = await Promise.all([
    compare(plan, { inputs: asked.inputs, sights: looked.sights }, dependencies.aws),
    checkAllRegions({ asked, looked }, dependencies),
  ]);
  const known = { plan, comparison, checks: [...checks, ...regional] };
  reportComparison(comparison, dependencies.runner);
  reportPlanFile({ ...asked, ...known }, dependencies.runner);
  const blocking = refusedBy(known.checks);
  const result = blocking === undefined ? planned(plan.warnings) : failed(blocking);
  if (asked.inputs.comment) await keepComment({ ...result, ...known }, asked.inputs, dependencies);
  return { ...result, ...known };
}

function planned(warnings: readonly string[]): Unfinished {
  return { status: 'planned', packages: [], steps: [], explanations: [], warnings };
}

/** All problems at once: what the regions need is looked at also where nothing will be started. */
async function checkAllRegions(
  { asked, looked }: Pick<Judged, 'asked' | 'looked'>,
  { aws, runner }: OnStage,
): Promise<readonly Check[]> {
  const plan = seen(looked.plan);
  if (plan === undefined || looked.sights.identity.kind === 'unseen') return [];
  const checks = await lookAtRegions(plan.registrations, asked.config, aws);
  reportChecks(checks, runner);
  return checks;
}

function failure(thrown: unknown, { runner }: Pick<Dependencies, 'runner'>): Unfinished {
  runner.debug(stackOf(thrown));
  return failed(asDeployError(thrown));
}

function failed(error: DeployError): Unfinished {
  const status = error.code === 'cancelled' ? 'cancelled' : 'failed';
  return { status, packages: [], steps: [], explanations: [], error, warnings: [] };
}
