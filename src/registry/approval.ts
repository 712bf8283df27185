import type { ApprovalState, ApprovalStatus, Aws } from '../aws/types.ts';
import { DeployError } from '../core/errors.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import type { Inputs } from '../inputs/index.ts';
import type { Registration } from '../plan/types.ts';
import type { OnConfirmed, Registered } from './records.ts';

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

/**
 * Brings packages that are registered already to the approval that is asked for: a pending one is approved (promotion).
 * @throws DeployError `registered-rejected` for a package that somebody has rejected
 */
export async function promote(
  registered: readonly Registered[],
  { approvalStatus }: Pick<Inputs, 'approvalStatus'>,
  { aws, onPromoted }: PromotionContext,
): Promise<void> {
  for (const { registration, package: found } of registered) {
    if (approvalStep(found.approval, approvalStatus).kind === 'refuse') {
      throw new DeployError('registered-rejected', rejectedText(found.arn, registration), { advice: rejectedAdvice });
    }
  }
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
