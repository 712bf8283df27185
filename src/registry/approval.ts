import type { ApprovalState, ApprovalStatus, Aws } from '../aws/types.ts';
import { asDeployError, DeployError } from '../core/errors.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Registration } from '../plan/types.ts';
import type { OnConfirmed, Registered } from './records.ts';
import { packageName, type ReviewedPackage } from './review.ts';

export const rejectedAdvice = 'Deploy another model, or register this one as a new version with if-registered: again.';

export function rejectedText(arn: string, { region }: Registration): string {
  return `${arn} (${region}) holds this very model and was rejected in the registry.`;
}

/** What is to be done with the approval of a package that is there. */
export type ApprovalStep = { readonly kind: 'keep' | 'refuse' } | { readonly kind: 'set'; readonly to: ApprovalStatus };

/** Asked for the default, an approved package stays approved: a plain second deployment withdraws nothing. */
export function approvalStep(found: ApprovalState, wanted: ApprovalStatus): ApprovalStep {
  if (found === 'Rejected' && wanted !== 'Rejected') return { kind: 'refuse' };
  return wanted === 'PendingManualApproval' || wanted === found ? { kind: 'keep' } : { kind: 'set', to: wanted };
}

interface PromotionContext {
  readonly aws: Aws;
  /** Told of each package as it is now. */
  readonly onPromoted: OnConfirmed;
}

/** @throws DeployError `registered-rejected` for a package that somebody has rejected */
export function refuseRejected(
  registered: readonly Registered[],
  { approvalStatus }: Pick<Inputs, 'approvalStatus'>,
): void {
  for (const { registration, package: found } of registered) {
    if (approvalStep(found.approval, approvalStatus).kind === 'refuse') {
      throw new DeployError('registered-rejected', rejectedText(found.arn, registration), { advice: rejectedAdvice });
    }
  }
}

/**
 * Brings packages that are registered already to the approval that is asked for: a pending one is approved (promotion).
 * @throws DeployError `registered-rejected` for a package that somebody has rejected
 */
export async function promote(
  registered: readonly Registered[],
  { approvalStatus }: Pick<Inputs, 'approvalStatus'>,
  { aws, onPromoted }: PromotionContext,
): Promise<void> {
  refuseRejected(registered, { approvalStatus });
  const work = registered.map(async (entry) => onPromoted(await approve(entry, approvalStatus, aws)));
  // What one region refuses does not hide what another has set.
  await Promise.allSettled(work);
  await Promise.all(work);
}

async function approve(entry: Registered, approvalStatus: ApprovalStatus, aws: Aws): Promise<Registered> {
  const { package: found, registration } = entry;
  const step = approvalStep(found.approval, approvalStatus);
  if (step.kind !== 'set') return entry;
  // SageMaker does not know what a team's own script registered elsewhere.
  if (registration.kind === 'own') return entry;
  const registry = aws.registry(AWS_REGIONS[registration.region]);
  await registry.setApproval(found.arn, step.to, `Set by a deployment with approval-status: ${approvalStatus}`);
  return { ...entry, package: { ...found, approval: step.to }, approvalBefore: found.approval };
}

export interface SettingContext {
  readonly aws: Aws;
  /** What stands on a package, and on one that gives way. */
  readonly describe: (entry: ReviewedPackage) => string;
  /** Given by the user: it replaces another one although the status is right. */
  readonly isDescribed: boolean;
  /** Told of the approval of a package at every change. */
  readonly onSet: (entry: ReviewedPackage, now: ApprovalState) => void;
}

/**
 * Sets what is to be set, one after the other: newer versions give way before another one is approved. Where one cannot
 * be set, those before it are set back, so that no region is left behind another.
 */
export async function setApprovals(reviewed: readonly ReviewedPackage[], context: SettingContext): Promise<void> {
  const inOrder = [...withReason(reviewed, 'newer'), ...withReason(reviewed, 'asked')];
  const begun: ReviewedPackage[] = [];
  for (const entry of inOrder) {
    if (isSet(entry, context)) continue;
    begun.push(entry);
    try {
      await registryOf(entry, context).setApproval(entry.package.arn, entry.wanted, context.describe(entry));
      context.onSet(entry, entry.wanted);
    } catch (thrown) {
      throw await setBack(begun, asDeployError(thrown), context);
    }
  }
}

function withReason(reviewed: readonly ReviewedPackage[], reason: ReviewedPackage['reason']) {
  return reviewed.filter((entry) => entry.reason === reason);
}

function isSet(entry: ReviewedPackage, context: SettingContext): boolean {
  const { approval, approvalDescription } = entry.package;
  if (approval !== entry.wanted) return false;
  return !context.isDescribed || entry.reason === 'newer' || approvalDescription === context.describe(entry);
}

function registryOf({ region }: ReviewedPackage, { aws }: SettingContext) {
  return aws.registry(AWS_REGIONS[region]);
}

/** The last one may have been set although its answer did not come. Answers the error that ends the run. */
async function setBack(
  begun: readonly ReviewedPackage[],
  error: DeployError,
  context: SettingContext,
): Promise<DeployError> {
  const left: string[] = [];
  const back: string[] = [];
  for (const entry of begun.toReversed()) {
    const restored = await restore(entry, context);
    if (restored === 'back') back.push(packageName(entry));
    if (restored === 'left') left.push(`${packageName(entry)} is ${entry.wanted}, and was ${entry.package.approval}`);
    if (restored === 'unknown') left.push(`${packageName(entry)} could not be described again`);
  }
  const done = back.length === 0 ? '' : ` Set back to what it was: ${back.join(', ')}.`;
  if (left.length === 0) {
    const message = `${error.message}${done || ' Nothing was changed.'}`;
    return new DeployError(error.code, message, { advice: error.advice, cause: error });
  }
  return new DeployError(
    'approval-incomplete',
    `${error.message} What had been set by then could not be set back: ${left.join('; ')}.${done}`,
    { advice: `${error.advice} Running again sets the rest.`.trim(), cause: error },
  );
}

async function restore(
  entry: ReviewedPackage,
  context: SettingContext,
): Promise<'back' | 'untouched' | 'left' | 'unknown'> {
  const { arn, approval: before, approvalDescription } = entry.package;
  const registry = registryOf(entry, context);
  const found = await registry.describe(arn).catch(() => undefined);
  if (found === undefined) return 'unknown';
  context.onSet(entry, found.approval);
  if (found.approval === before && found.approvalDescription === approvalDescription) return 'untouched';
  try {
    await registry.setApproval(arn, before, approvalDescription ?? 'Set back: another region could not be set.');
    context.onSet(entry, before);
    return 'back';
  } catch {
    return 'left';
  }
}
