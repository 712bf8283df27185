import { prepare, startOrAttach, type StartContext } from './apply/index.ts';
import type { Aws } from './aws/types.ts';
import type { Dependencies } from './dependencies.ts';
import { asDeployError, cancelledBeforeStart } from './errors.ts';
import { follow } from './follow.ts';
import { gather } from './gather.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { loadConfig } from './load-config.ts';
import { readPackageReport } from './package-report.ts';
import { buildPlan } from './plan/plan.ts';
import type { Plan } from './plan/types.ts';
import { openRegistrations, type OpenRegistrations } from './open.ts';
import type { Registered } from './registered.ts';
import { reportEarly, reportPlan, reportResult } from './report/index.ts';
import { STATE_NAMES } from './report/state.ts';
import type { Runner } from './runner.ts';
import { registeredPackage, type Status, type Unfinished } from './result.ts';
import { promote } from './reuse.ts';
import { stackOf } from './text/stack.ts';

/** The whole run. Never throws: whatever happens becomes a result, and the result is reported. */
export async function run(dependencies: Dependencies): Promise<Status> {
  const startedAtMs = dependencies.clock.nowMs();
  const result = await deploy(dependencies).catch((thrown: unknown) => failure(thrown, dependencies));
  reportResult({ ...result, durationMs: dependencies.clock.nowMs() - startedAtMs }, dependencies);
  return result.status;
}

async function deploy(dependencies: Dependencies): Promise<Unfinished> {
  const { aws, clock, context, input, runner } = dependencies;
  const inputs = readInputs(input);
  const files = dependencies.openFiles(inputs.workingDirectory);
  const { config, request } = await loadConfig(inputs, { files, context, runner, clock });
  const facts = await gather(config, inputs, { aws, files, containerFolder: dependencies.containerFolder });
  const plan = await buildPlan(config, facts, request);
  reportPlan({ config, plan, facts }, runner);

  const open = await openRegistrations(plan, inputs, dependencies);
  const reused = await promote(open.registered, inputs, aws);
  if (open.missing.length === 0) return nothingToDo(plan, reused, aws);
  refuseCancelled(dependencies.cancelled);

  const work = open.narrow
    ? await buildPlan(config, facts, { ...request, regions: open.missing.map(({ region }) => region) })
    : plan;
  const missing = open.missing;
  const prepared = await prepare(work, missing, aws);
  reportEarly({ plan, prepared }, runner);
  refuseCancelled(dependencies.cancelled);
  const execution = await startOrAttach(
    work,
    { prepared, missing },
    startContext(dependencies, { plan: work, inputs, open }),
  );
  reportEarly({ plan, prepared, execution }, runner);
  runner.saveState(STATE_NAMES.executionArn, execution.arn);
  // One of an earlier attempt of this workflow run is ours to stop; another run's is not.
  if (execution.attached && execution.ours) saveIntent({ plan, inputs, displayName: '' }, runner);
  return follow({ inputs, plan, prepared, execution, missing, reused }, dependencies);
}

function startContext(
  { aws, cancelled, clock, context, runner }: Dependencies,
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

function failure(thrown: unknown, { runner }: Dependencies): Unfinished {
  const error = asDeployError(thrown);
  runner.debug(stackOf(thrown));
  const status = error.code === 'cancelled' ? 'cancelled' : 'failed';
  return { status, packages: [], steps: [], explanations: [], error, warnings: [] };
}
