import { type AwsErrorKind, errorKind, isTransient } from '../aws/errors.ts';
import type { Aws, DeployedPipeline, SelectiveStart } from '../aws/types.ts';
import { asDeployError, cancelledBeforeStart, DeployError } from '../core/errors.ts';
import { sameDefinition } from '../plan/diff.ts';
import { descriptionText } from '../plan/model-package.ts';
import type { Plan, Registration } from '../plan/types.ts';
import { executionDescription } from '../registry/history.ts';
import { type Claim, type ClaimContext, executionNamed, releaseClaim, renewClaim } from './claim.ts';
import { type DeployedChange, deployPipeline } from './pipeline.ts';

/** While the tags of a new pipeline spread, starting it can be refused; AWS's own SDK waits about as long. */
const SPREAD_MS = 120_000;
const SPREAD_STEP_MS = 5_000;
/** How often another job may be faster before this one gives up. */
const STARTS = 3;

/** However AWS words it: what is wrong with the source, or that there is no such source or step. */
const SELECTION_REFUSED: ReadonlySet<AwsErrorKind> = new Set(['invalid', 'not-found']);

/** AWS does not take the earlier execution as a source of selected steps: the missing regions are run on their own. */
export class SelectionRefused extends Error {
  override readonly name = 'SelectionRefused';

  constructor(cause: unknown) {
    super(asDeployError(cause).message, { cause });
  }
}

export interface StartContext extends ClaimContext {
  /** Which registrations this execution is for. */
  readonly missing: readonly Registration[];
  readonly selective: SelectiveStart | undefined;
  /** Told before each start, so that a killed run's execution can be found by its name. */
  readonly announce: (claim: Claim) => void;
  /** Told right after a start: whatever fails next, it is known what runs. */
  readonly began: (executionArn: string) => void;
}

/** Starts what was planned, and makes sure that what runs is what was planned. Returns the execution's ARN. */
export async function startPlanned(
  plan: Plan,
  first: { readonly pipeline: DeployedChange; readonly claim: Claim },
  context: StartContext,
): Promise<string> {
  let { pipeline, claim } = first;
  for (let attempt = 1; ; attempt += 1) {
    context.announce(claim);
    const arn = await start(plan, { pipeline, claim }, context);
    context.began(arn);
    if (context.cancelled.aborted || !(await runsAnother(plan, { arn, pipeline }, context))) return arn;
    await context.aws.pipelines.stop(arn);
    if (attempt === STARTS) {
      throw new DeployError(
        'pipeline-conflict',
        `Other jobs changed the pipeline ${plan.pipeline.name} ${STARTS} times between update and start.`,
        {
          advice: 'Let deployments of one pipeline run one after another; a workflow does it by a `concurrency` group.',
        },
      );
    }
    context.log('Another job changed the pipeline in between; starting again with our definition.');
    pipeline = await deployPipeline(plan, await deployed(plan, context.aws), context.aws);
    claim = await renewClaim(plan, claim, context);
  }
}

function deployed(plan: Plan, aws: Aws): Promise<DeployedPipeline | undefined> {
  return aws.pipelines.describe(plan.pipeline.name);
}

/**
 * Whether AWS itself shows that another definition runs: by the version that the execution is of, and what that holds.
 * What cannot be read shows nothing.
 */
async function runsAnother(
  plan: Plan,
  { arn, pipeline }: { readonly arn: string; readonly pipeline: DeployedChange },
  { aws, log }: StartContext,
): Promise<boolean> {
  try {
    const { versionId } = await aws.pipelines.execution(arn);
    if (versionId === undefined || versionId === pipeline.versionId) return false;
    const running = await aws.pipelines.versionDefinition(plan.pipeline.name, versionId);
    return running !== undefined && !sameDefinition(JSON.stringify(plan.pipeline.definition), running);
  } catch (thrown) {
    log(`Which version of the pipeline runs could not be read: ${asDeployError(thrown).message}`);
    return false;
  }
}

/**
 * AWS may have started what it did not answer. What is found is followed as if it had answered, which stops it where that
 * is asked.
 * @throws DeployError `cancelled` where none is found; it may still come
 */
async function startedAllTheSame(plan: Plan, { displayName }: Claim, aws: Aws): Promise<string> {
  const found = await executionNamed(plan.pipeline.name, displayName, aws).catch(() => undefined);
  if (found !== undefined) return found;
  const message = `The run was cancelled while AWS was asked to start the pipeline execution ${displayName}, and before it answered: it may run.`;
  throw new DeployError('cancelled', message, {
    advice:
      'In a workflow, the step after the job looks for it again and, with on-cancel: stop and wait: true, stops it; in a terminal, look for it in the console and stop it there. Running again follows it.',
  });
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? (thrown.cause ?? thrown) : thrown;
}

async function start(
  plan: Plan,
  { pipeline, claim }: { readonly pipeline: DeployedChange; readonly claim: Claim },
  { aws, cancelled, clock, missing, runUrl, selective }: StartContext,
): Promise<string> {
  const deadlineMs = clock.nowMs() + (pipeline.change === 'create' ? SPREAD_MS : 0);
  for (;;) {
    if (cancelled.aborted) {
      await releaseClaim(claim, aws).catch(() => undefined);
      throw cancelledBeforeStart();
    }
    try {
      return await aws.pipelines.start({
        pipeline: plan.pipeline.name,
        versionId: pipeline.versionId,
        displayName: claim.displayName,
        description: descriptionText(executionDescription(missing, runUrl), 3072),
        parameters: plan.parameters,
        token: claim.token,
        selective,
      });
    } catch (thrown) {
      const spreads = thrown instanceof DeployError && thrown.code === 'access-denied' && clock.nowMs() < deadlineMs;
      if (!spreads) {
        if (selective !== undefined && SELECTION_REFUSED.has(errorKind(causeOf(thrown)))) {
          await releaseClaim(claim, aws).catch(() => undefined);
          throw new SelectionRefused(thrown);
        }
        if (errorKind(causeOf(thrown)) === 'cancelled') return startedAllTheSame(plan, claim, aws);
        // A clear refusal started nothing: whoever runs next need not wait until the claim is stale.
        if (!isTransient(causeOf(thrown))) await releaseClaim(claim, aws).catch(() => undefined);
        throw thrown;
      }
      await clock.sleep(SPREAD_STEP_MS, cancelled);
    }
  }
}
